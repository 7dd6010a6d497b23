"""Labelled fridge pictures for the detector: what is on disk, which things count, and batches with made-up weather.

A folder holds NAME.png or .jpg and NAME.json as fridge_scene.py writes them. A batch depends on seed and step only. A product
counts as visible by `counts`; the same rule decides in training and in judgement.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter

from detector import COLUMNS, INPUT_PIXELS, KINDS, ROWS, SIDE_STEP
from detector_losses import Truth

LEAST_SHARE = 1 / 3  # of a product's outline that must be seen for it to be asked for
LEAST_PIXELS = 100  # of it, in a picture of 512 x 288
MOST_THROUGH_GLASS = 0.5


@dataclass(frozen=True)
class Labelled:
    path: Path
    width: int
    height: int
    boxes: np.ndarray  # G x 4: left, top, right, bottom
    kinds: np.ndarray  # G
    visible: np.ndarray  # G: whether it counts


def counts(thing: dict, width: int, height: int) -> bool:
    """Whether a thing is seen well enough to be asked for: else it is neither found nor missed."""
    pixels = thing["pixels"] * (ROWS * COLUMNS) / (width * height)
    if pixels < LEAST_PIXELS:
        return False
    return thing["kind"] == "hand" or (thing.get("share", thing["filled"]) >= LEAST_SHARE and thing.get("throughGlass", 0) <= MOST_THROUGH_GLASS)


def labelled(folder: Path) -> list[Labelled]:
    """Every picture of the folder and below that has its JSON, by name. Raises SystemExit when there is none."""
    found = []
    for told in sorted(folder.rglob("*.json")):
        picture = next((p for p in (told.with_suffix(end) for end in (".png", ".jpg")) if p.is_file()), None)
        if picture is None:
            continue
        read = json.loads(told.read_text())
        if "objects" not in read:
            continue
        things = read["objects"]
        found.append(Labelled(
            picture, read["width"], read["height"],
            np.array([thing["box"] for thing in things], np.float32).reshape(-1, 4),
            np.array([KINDS.index(thing["kind"]) for thing in things], np.int64),
            np.array([counts(thing, read["width"], read["height"]) for thing in things], bool),
        ))  # fmt: skip
    if not found:
        raise SystemExit(f"{folder} holds no picture with a JSON beside it: run fridge_scene.py first")
    return found


def input_size(width: int, height: int) -> tuple[int, int]:
    """(columns, rows) of the input for such a picture: its proportions, and INPUT_PIXELS as nearly as may be."""
    scale = (INPUT_PIXELS / (width * height)) ** 0.5
    columns, rows = (max(1, int(side * scale / SIDE_STEP + 0.5)) * SIDE_STEP for side in (width, height))
    return columns, rows


def letterboxed(picture: Image.Image) -> tuple[np.ndarray, float]:
    """The picture as the detector's input, rows x columns x 3, at the upper left and grey beside; and its scale."""
    columns, rows = input_size(*picture.size)
    scale = min(columns / picture.width, rows / picture.height)
    size = tuple(min(most, max(1, int(side * scale + 0.5))) for side, most in zip(picture.size, (columns, rows)))
    sheet = Image.new("RGB", (columns, rows), (127, 127, 127))
    sheet.paste(picture.convert("RGB").resize(size, Image.Resampling.BILINEAR), (0, 0))
    return np.asarray(sheet), scale


class Pool:
    """Batches drawn from several sets in stated shares. `sets` is (share, pictures), `size` the input's rows and columns."""

    def __init__(self, sets: list[tuple[float, list[Labelled]]], seed: int, batch: int, size: tuple[int, int] = (ROWS, COLUMNS)):
        self.sets, self.seed, self.batch, self.size = sets, seed, batch, size
        self.shares = np.array([share for share, _ in sets]) / sum(share for share, _ in sets)

    def at(self, step: int) -> tuple[torch.Tensor, list[Truth]]:
        rng = np.random.default_rng((self.seed, step))
        pictures, truths = [], []
        for _ in range(self.batch):
            among = self.sets[int(rng.choice(len(self.sets), p=self.shares))][1]
            picture, truth = shown(among[int(rng.integers(len(among)))], rng, self.size)
            pictures.append(torch.from_numpy(picture.transpose(2, 0, 1).copy()))
            truths.append(truth)
        return torch.stack(pictures).float(), truths


def shown(one: Labelled, rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, Truth]:
    """The picture cut, mirrored, and as another camera would have it; a thing mostly cut away becomes hardly seen."""
    rows, columns = size
    picture = Image.open(one.path).convert("RGB")
    zoom = float(np.exp(rng.uniform(-0.35, 0.55))) if rng.random() < 0.8 else 1.0
    stretch = float(np.exp(rng.uniform(-0.12, 0.12)))
    width, height = one.width / zoom * stretch, one.height / zoom / stretch
    left, top = (float(rng.uniform(min(0, room), max(0, room))) for room in (one.width - width, one.height - height))
    scale = np.array([columns / width, rows / height] * 2, np.float32)
    boxes = (one.boxes - np.array([left, top] * 2, np.float32)) * scale
    grey = tuple(int(v) for v in rng.integers(0, 256, 3))
    picture = picture.transform((columns, rows), Image.Transform.EXTENT, (left, top, left + width, top + height), Image.Resampling.BILINEAR, fillcolor=grey)
    inside = np.clip(boxes, 0, np.array([columns, rows] * 2, np.float32))
    whole, kept = _area(boxes), _area(inside)
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        inside = inside[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + np.array([columns, 0, columns, 0])
    gone = kept < 0.05 * whole
    small = np.minimum(inside[:, 2] - inside[:, 0], inside[:, 3] - inside[:, 1]) < 4
    seen = one.visible & ~gone & ~small & (kept >= 0.4 * whole)
    hardly = ~seen & ~gone
    return _weathered(picture, rng), Truth(
        torch.from_numpy(inside[seen].astype(np.float32)), torch.from_numpy(one.kinds[seen]), torch.from_numpy(inside[hardly].astype(np.float32))
    )


def _area(boxes: np.ndarray) -> np.ndarray:
    return np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)


def _weathered(picture: Image.Image, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.25:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.4))))
    values = np.asarray(picture).astype(np.float32)
    if rng.random() < 0.8:
        grey = values.mean(2, keepdims=True)
        values = grey + (values - grey) * float(rng.uniform(0.4, 1.5))
        middle = values.mean()
        values = (values - middle) * float(rng.uniform(0.7, 1.35)) + middle * float(rng.uniform(0.7, 1.3))
        values = values * np.exp(rng.normal(size=3) * 0.08).astype(np.float32)
    if rng.random() < 0.1:
        values = values[:, :, rng.permutation(3)]
    if rng.random() < 0.3:
        values = values + rng.standard_normal(values.shape, np.float32) * float(rng.uniform(2, 12))
    values = np.clip(values, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        file = io.BytesIO()
        Image.fromarray(values).save(file, "JPEG", quality=int(rng.integers(35, 90)))
        values = np.asarray(Image.open(file))
    return values

"""What one training step sees: photographs, studio pictures set in scenes, and invented products, several of each.

Classes are of three kinds: packaged (also mirrored and with colours exchanged, each such variant a class of its own:
a mirrored or recoloured label is another product), produce, and invented twins. A batch is made from (seed, step)
alone, so a resumed training goes on as if it had never stopped. Used by train_embedder.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

import packshots
import scenes
from embedder import INPUT_PIXELS
from grocery import Picture

Rng = np.random.Generator
VIEWS = 4  # pictures of one class in one batch
PACKAGED, PRODUCE, FAMILIES, TWINS = 8, 3, 4, 2  # classes of each kind in one batch; twins are two of one family
COLOURS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
VARIANTS = 2 * len(COLOURS)  # mirrored or not, times the orders of the colours
STORED_PIXELS = 300
SCENE_PIXELS = 248


@dataclass(frozen=True)
class Batch:
    pixels: torch.Tensor  # N x 3 x 224 x 224, 0 to 255
    classes: torch.Tensor  # N; from Pool.classes on, invented products of this batch only
    masks: torch.Tensor  # N x 1 x 14 x 14, share of the cell that shows the product; -1 where unknown


class Pool:
    """Everything a batch may be made from, decoded once (about 1 GB for 3,000 photographs)."""

    def __init__(self, pictures: list[Picture], seed: int, families: int = FAMILIES):
        self.seed, self.families = seed, families
        self.photographs: dict[str, list[Image.Image]] = {}
        self.studio: dict[str, list[Image.Image]] = {}
        kinds: dict[str, str] = {}
        for picture in pictures:
            kinds[picture.label] = picture.kind
            with Image.open(picture.path) as opened:
                image = opened.convert("RGB")
            if picture.split == "studio":
                self.studio.setdefault(picture.label, []).append(scenes.cut_out(image))
            else:
                image.thumbnail((STORED_PIXELS, STORED_PIXELS))
                self.photographs.setdefault(picture.label, []).append(image)
        self.packaged = sorted(label for label, kind in kinds.items() if kind == "packaged")
        self.produce = sorted(label for label, kind in kinds.items() if kind == "produce")
        self.backgrounds = [image for label in self.packaged for image in self.photographs[label]]
        self.printed = [image.resize((96, 96)) for label in self.produce for image in self.photographs[label][::8]]

    @property
    def classes(self) -> int:
        """How many classes come again and again; invented ones come once and are not counted."""
        return len(self.packaged) * VARIANTS + len(self.produce)

    def batch(self, step: int) -> Batch:
        rng = np.random.default_rng([self.seed, 77, step])
        pictures: list[Image.Image] = []
        classes: list[int] = []
        for index in rng.choice(len(self.packaged), min(PACKAGED, len(self.packaged)), replace=False):
            variant = int(rng.integers(1, VARIANTS)) if rng.random() < 0.35 else 0
            for _ in range(VIEWS):
                pictures.append(_varied(self._packaged_view(self.packaged[index], rng), variant))
                classes.append(int(index) * VARIANTS + variant)
        first_produce = len(self.packaged) * VARIANTS
        for index in rng.choice(len(self.produce), min(PRODUCE, len(self.produce)), replace=False):
            for _ in range(VIEWS):
                pictures.append(self._photograph(self.produce[index], rng))
                classes.append(first_produce + int(index))
        for family in range(self.families):
            # Never the same family twice: what is learned must be looking, not these labels.
            for twin, product in enumerate(packshots.family((self.seed << 32) + step * self.families + family, TWINS, self.printed)):
                for _ in range(VIEWS):
                    pictures.append(self.invented_view(product, rng))
                    classes.append(self.classes + family * TWINS + twin)
        ready = [finished(picture, rng) for picture in pictures]
        return Batch(
            torch.from_numpy(np.stack([pixels for pixels, _ in ready])).permute(0, 3, 1, 2).float(),
            torch.tensor(classes),
            torch.from_numpy(np.stack([mask for _, mask in ready]))[:, None],
        )

    def _packaged_view(self, label: str, rng: Rng) -> Image.Image:
        if label not in self.studio or rng.random() > 0.3:
            return self._photograph(label, rng)
        shown = self.studio[label][int(rng.integers(len(self.studio[label])))]
        upright = rng.random() < 0.55
        return self._staged(scenes.placed(shown, rng, SCENE_PIXELS, upright), upright, rng)

    def invented_view(self, product: packshots.Product, rng: Rng) -> Image.Image:
        upright = rng.random() < 0.25
        return self._staged(packshots.view(product, rng, SCENE_PIXELS, upright), upright, rng)

    def _staged(self, product: Image.Image, upright: bool, rng: Rng) -> Image.Image:
        if upright and rng.random() < 0.8:
            return scenes.on_white(product)
        background = self.backgrounds[int(rng.integers(len(self.backgrounds)))]
        return scenes.held(product, scenes.rim(background, rng, SCENE_PIXELS), rng)

    def _photograph(self, label: str, rng: Rng) -> Image.Image:
        shown = self.photographs[label]
        return shown[int(rng.integers(len(shown)))]


def _varied(picture: Image.Image, variant: int) -> Image.Image:
    if variant >= len(COLOURS):
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    order = COLOURS[variant % len(COLOURS)]
    bands = picture.split()
    return Image.merge(picture.mode, [*(bands[channel] for channel in order), *bands[3:]])


def finished(picture: Image.Image, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Cropped and turned at random, aged, scaled to the input; with the mask where alpha tells it."""
    staged = picture.mode == "RGBA"
    w, h = picture.size
    side = min(w, h) * (rng.uniform(0.85, 1.05) if staged else rng.uniform(0.62, 1.0))
    scale = side / INPUT_PIXELS
    angle = rng.normal() * (0.05 if staged else 0.2)
    stretch = np.exp(rng.normal() * 0.06)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    cx, cy = w / 2 + rng.normal() * w * 0.04, h / 2 + rng.normal() * h * 0.04
    half = INPUT_PIXELS / 2
    a, b, d, e = cos * stretch, -sin, sin, cos / stretch
    coefficients = (a, b, cx - a * half - b * half, d, e, cy - d * half - e * half)

    def warped(band: Image.Image) -> Image.Image:
        return band.transform((INPUT_PIXELS, INPUT_PIXELS), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)

    mask = np.full((14, 14), -1, np.float32)
    if staged:  # alpha apart: warped together, PIL would blacken all that alpha hides, the whole background
        mask = np.asarray(warped(picture.getchannel("A")).resize((14, 14), Image.Resampling.BOX), np.float32) / 255
    pixels = np.array(scenes.aged(warped(picture.convert("RGB")), rng))
    if rng.random() < 0.25:  # something stands in front: a part is gone
        x, y = rng.integers(0, INPUT_PIXELS, 2)
        size_x, size_y = rng.integers(20, 90, 2)
        pixels[y : y + size_y, x : x + size_x] = rng.integers(0, 255, 3)
    return pixels, mask

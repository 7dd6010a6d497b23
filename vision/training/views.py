"""The squares of a picture that the embedder looks at: the same as vision/embed/views.ts makes, for measuring.

A photograph's middle, at one or more shares of its sides; a studio picture (white all round) is cut to its product
with a little air. What is not square gets white beside it. Parity is tested in test/unit/vision by vectors made here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from embedder import LOOK_PIXELS, Embedder
from grocery import Picture
from scenes import WHITE_FROM

VIEW_SHARES = (0.8,)
WHITE_RIM = 0.9
STUDIO_AIR = 0.06


def cuts(image: Image.Image, shares: tuple[float, ...]) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom): one for a studio picture, one for each share otherwise."""
    product = _studio_product(image)
    if product is not None:
        return [product]
    w, h = image.size
    edges = [(round(w * (1 - share) / 2), round(h * (1 - share) / 2)) for share in shares]
    return [(x, y, w - x, h - y) for x, y in edges]


def square(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    part = image.crop(box)
    side = max(part.size)
    whole = Image.new("RGB", (side, side), (255, 255, 255))
    whole.paste(part, ((side - part.width) // 2, (side - part.height) // 2))
    return whole.resize((LOOK_PIXELS, LOOK_PIXELS), Image.Resampling.BICUBIC)


def _studio_product(image: Image.Image) -> tuple[int, int, int, int] | None:
    white = np.asarray(image).min(2) >= WHITE_FROM
    rim = np.concatenate([white[0], white[-1], white[1:-1, 0], white[1:-1, -1]])
    if rim.mean() < WHITE_RIM or white.all():
        return None
    rows, columns = np.flatnonzero(~white.all(1)), np.flatnonzero(~white.all(0))
    air = round(max(columns[-1] - columns[0], rows[-1] - rows[0]) * STUDIO_AIR)
    return (
        max(0, columns[0] - air), max(0, rows[0] - air),
        min(image.width, columns[-1] + 1 + air), min(image.height, rows[-1] + 1 + air),
    )


def opened(picture: Picture) -> Image.Image:
    with Image.open(picture.path) as file:
        return file.convert("RGB")


Embed = Callable[[np.ndarray], np.ndarray]


def trained(model: Embedder) -> Embed:
    """The model as a function from pixels (N x 3 x 320 x 320, 0 to 255) to embeddings."""

    def embed(pixels: np.ndarray) -> np.ndarray:
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            return model.embedding(torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last)).float().numpy()

    return embed


def exported(path: Path) -> Embed:
    """The same from an ONNX file: what is shipped is what is measured."""
    import onnxruntime  # here, since training does without it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.x64quantprecision", "1")  # slower, and never overflows
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda pixels: session.run(None, {"pixels": pixels})[0]


def embedded_views(embed: Embed, pictures: list[Picture], share: float) -> np.ndarray:
    """One embedding a picture, looked at once at `share`."""
    rows = []
    for start in range(0, len(pictures), 16):
        images = [opened(picture) for picture in pictures[start : start + 16]]
        pixels = np.stack([np.asarray(square(image, cuts(image, (share,))[0])) for image in images])
        rows.append(embed(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)))
    return np.concatenate(rows)


def embedded(embed: Embed, pictures: list[Picture], shares: tuple[float, ...] = VIEW_SHARES) -> np.ndarray:
    """The mean over `shares`, of unit length."""
    total = sum(embedded_views(embed, pictures, share) for share in shares)
    return total / np.linalg.norm(total, axis=1, keepdims=True)

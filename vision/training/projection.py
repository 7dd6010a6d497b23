"""The last layer in closed form: where the middle of all pictures is, and the 128 axes along which they differ most.

Principal axes of what the trained trunk says of photographs (packaged products all, produce thinned) and of invented
products that it never saw, each about its own middle. No label is used, so that nothing is fitted to the few products of
the training. Called at the end of train_embedder.py; the seed decides the invented products.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

import packshots
from batches import Pool, finished
from embedder import DIMENSIONS, LOOK_PIXELS, Embedder
from grocery import Picture
from views import VIEW_SHARES, cuts, opened, square

MOST_PRODUCE = 300
FAMILIES, TWINS, VIEWS = 110, 2, 2
AT_ONCE = 8
FIRST_FAMILY = 1 << 40  # seeds of families that no training step draws


def project(model: Embedder, pool: Pool, learned: list[Picture], families: int = FAMILIES) -> None:
    """Fills the model's middle and axes, from the pictures that it learned from."""
    real = meanings(model, photographs(learned))
    invented = meanings(model, inventions(pool, families))
    _, axes = np.linalg.eigh(spread(real) + spread(invented))
    print(f"projection from {len(real)} photographs and {len(invented)} invented pictures", flush=True)
    model.middle.copy_(torch.from_numpy(real.mean(0)))
    model.axes.copy_(torch.from_numpy(np.ascontiguousarray(axes[:, ::-1][:, :DIMENSIONS], dtype=np.float32)))


def spread(found: np.ndarray) -> np.ndarray:
    """The covariance, of trace 1: both kinds of pictures have the same say."""
    covariance = np.cov(found.T)
    return covariance / np.trace(covariance)


def photographs(learned: list[Picture]) -> list[np.ndarray]:
    packaged = [picture for picture in learned if picture.kind == "packaged" and picture.split != "studio"]
    produce = [picture for picture in learned if picture.kind == "produce" and picture.split != "studio"]
    shown = packaged + produce[:: max(1, len(produce) // MOST_PRODUCE)]
    return [np.asarray(square(image, cuts(image, VIEW_SHARES)[0])) for image in map(opened, shown)]


def inventions(pool: Pool, families: int) -> list[np.ndarray]:
    rng = np.random.default_rng([pool.seed, 78])
    products = (product for family in range(families) for product in packshots.family(FIRST_FAMILY + family, TWINS, pool.printed))
    drawn = (finished(pool.invented_view(product, rng), rng)[0] for product in products for _ in range(VIEWS))
    return [np.asarray(Image.fromarray(pixels).resize((LOOK_PIXELS, LOOK_PIXELS), Image.Resampling.BICUBIC)) for pixels in drawn]


def meanings(model: Embedder, pictures: list[np.ndarray]) -> np.ndarray:
    model.eval()
    found = []
    for start in range(0, len(pictures), AT_ONCE):
        pixels = torch.from_numpy(np.stack(pictures[start : start + AT_ONCE])).permute(0, 3, 1, 2).float()
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            found.append(model.meaning(pixels.contiguous(memory_format=torch.channels_last)).float().numpy())
    return np.concatenate(found)

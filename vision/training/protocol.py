"""How recognition is measured: always on products that training never saw.

The packaged products are split into folds by shelf (juices and milks; the rest), so that near twins are judged against
each other. Galleries are drawn from `train` pictures, queries are all of `val` and `test`. Figures, each a mean over
draws: top-1 with five gallery pictures a product, with one studio picture, and the share of known products accepted
at the threshold that lets 1 % of unknown ones in. Used while training and by measure.py; pure but for its generator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grocery import Picture

DRAWS = 30
GALLERY_PICTURES = 5
FALSE_ACCEPTS = 0.01
FOLD_A = {"Juice", "Milk"}  # by the folder above the product's


@dataclass(frozen=True)
class Figures:
    products: int
    queries: int
    five: float
    studio: float
    accepted: float
    accepted_right: float

    def line(self) -> str:
        return (
            f"{self.products} products, {self.queries} queries: top-1 with {GALLERY_PICTURES} pictures {self.five:.3f}, "
            f"with a studio picture {self.studio:.3f}; at 1 % false accepts {self.accepted:.3f} accepted, "
            f"{self.accepted_right:.3f} accepted and right"
        )


def held_out(pictures: list[Picture], fold: str) -> set[str]:
    """The packaged products that fold `a` or `b` keeps out of training; `none` keeps out nothing."""
    packaged = [picture for picture in pictures if picture.kind == "packaged"]
    juices_and_milks = {picture.label for picture in packaged if picture.path.parent.parent.name in FOLD_A}
    if fold == "a":
        return juices_and_milks
    if fold == "b":
        return {picture.label for picture in packaged} - juices_and_milks
    return set()


def figures(embeddings: np.ndarray, pictures: list[Picture], judged: set[str], gallery: set[str], seed: int = 1) -> Figures:
    """Queries of the `judged` products against a gallery of the `gallery` products (a superset)."""
    rng = np.random.default_rng(seed)
    labels = np.array([picture.label for picture in pictures])
    splits = np.array([picture.split for picture in pictures])
    names = sorted(gallery)
    queries = np.isin(splits, ("val", "test")) & np.isin(labels, sorted(judged))
    truth = labels[queries]
    asked = embeddings[queries]
    five, accepted, accepted_right = [], [], []
    for _ in range(DRAWS):
        taught = [embeddings[rng.choice(np.flatnonzero((labels == name) & (splits == "train")), GALLERY_PICTURES, replace=False)] for name in names]
        scores = np.stack([similarity(asked, shown) for shown in taught], 1)
        five.append((np.array(names)[scores.argmax(1)] == truth).mean())
        # Half of the judged products are unknown to the gallery: their best score is what a false accept would be.
        unknown = rng.choice(sorted(judged), len(judged) // 2, replace=False)
        known_columns = [index for index, name in enumerate(names) if name not in unknown]
        best = scores[:, known_columns].max(1)
        right = np.array(names)[known_columns][scores[:, known_columns].argmax(1)] == truth
        foreign = np.isin(truth, unknown)
        threshold = np.quantile(best[foreign], 1 - FALSE_ACCEPTS)
        accepted.append((best[~foreign] > threshold).mean())
        accepted_right.append(((best > threshold) & right)[~foreign].mean())
    studio = np.stack([similarity(asked, embeddings[(labels == name) & (splits == "studio")]) for name in names], 1)
    return Figures(
        len(names), int(queries.sum()), float(np.mean(five)), float((np.array(names)[studio.argmax(1)] == truth).mean()),
        float(np.mean(accepted)), float(np.mean(accepted_right)),
    )


def similarity(asked: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Query x one product: the mean of the cosine to the product's mean and of the cosine to its nearest picture. The
    mean steadies, the nearest knows the package's back. The gallery in TypeScript scores alike."""
    middle = shown.mean(0)
    middle = middle / np.linalg.norm(middle)
    return (asked @ middle + (asked @ shown.T).max(1)) / 2

"""Fits the gallery's probabilities: `python calibrate.py --measured DIR --out ../models/calibration.json`.

From the embeddings that measure.py wrote, of products the models never saw: galleries of random products, taught by 1
to 20 random pictures, are asked about known and unknown products alike, and the three numbers of the likelihood are
fitted by Newton's method on the log-loss. Error of calibration is told on products that were not fitted: crosswise
between the folds, which are different shelves, and between random halves of each fold's products.
The threshold to name a product lets 1 % of the unknown in, in the gallery in the middle: half of the galleries let fewer in
than that, and those which hold a near twin of the unknown product let in more.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import nll_loss

from protocol import FALSE_ACCEPTS, similarity

GALLERIES = 120  # drawn per fold
MOST_PRODUCTS = 12  # of a gallery; smaller ones are padded
HALVINGS = 6
PICTURES = (1, 2, 3, 5, 10, 20)
ASKED = 60  # queries for each gallery
ABSENT = -10.0  # the similarity of no product: no scale makes it likely, and gradients stay finite


@dataclass(frozen=True)
class Asked:
    """Queries x products, padded with ABSENT where a gallery was smaller; truth is -1 for an unknown product."""

    scores: torch.Tensor
    doublings: torch.Tensor
    truth: torch.Tensor
    gallery: torch.Tensor  # which gallery was asked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measured", type=Path, required=True, help="folder that measure.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    paths = {fold: path for fold in ("a", "b") if (path := args.measured / f"embeddings-{fold}.npz").is_file()}
    if not paths:
        raise SystemExit(f"{args.measured} holds no embeddings-a.npz or embeddings-b.npz: run measure.py first")
    folds = {fold: asked_from(path) for fold, path in paths.items()}
    for fold, asked in folds.items():
        for other, fitted_on in folds.items():
            if fold != other or len(folds) == 1:
                report(f"fitted on {other}, judged on {fold}", fit(fitted_on), asked)
    print(f"fitted on half of the products, judged on the other half: calibration error {halved(list(paths.values())):.4f}")
    everything = together(list(folds.values()))
    fitted = fit(everything)
    accept_from = threshold(fitted, everything)
    report("fitted and judged on all", fitted, everything)
    for fold, asked in folds.items():
        report(f"fitted on all, judged on {fold}", fitted, asked, accept_from)
    scale, even, per_doubling = fitted
    written = {"scale": scale, "even": even, "evenPerDoubling": per_doubling, "acceptFrom": accept_from}
    args.out.write_text(json.dumps({key: round(value, 4) for key, value in written.items()}, indent=2) + "\n")
    print(f"wrote {args.out.name}: {written}")


def halved(paths: list[Path]) -> float:
    """The mean error of calibration on products that were not fitted, over several halvings of each fold's products."""
    errors = []
    for halving in range(HALVINGS):
        rng = np.random.default_rng([5, halving])
        halves: tuple[list[Asked], list[Asked]] = ([], [])
        for path in paths:
            products = rng.permutation(np.load(path)["judged"])
            middle = len(products) // 2
            for half, names in zip(halves, (products[:middle], products[middle:])):
                half.append(asked_from(path, names, GALLERIES // 2, halving))
        one, other = map(together, halves)
        errors += [error_of(fit(one), other), error_of(fit(other), one)]
    return float(np.mean(errors))


def together(several: list[Asked]) -> Asked:
    """Galleries are numbered on."""
    first = np.cumsum([0] + [int(asked.gallery.max()) + 1 for asked in several])
    return Asked(
        *(torch.cat([getattr(asked, field) for asked in several]) for field in ("scores", "doublings", "truth")),
        torch.cat([asked.gallery + int(start) for asked, start in zip(several, first)]),
    )


def asked_from(path: Path, names: np.ndarray | None = None, galleries: int = GALLERIES, seed: int = 3) -> Asked:
    """Of the products of `names` only, or of all that were judged."""
    saved = np.load(path)
    embeddings, labels, splits = (saved[key] for key in ("embeddings", "labels", "splits"))
    judged = saved["judged"] if names is None else names
    rng = np.random.default_rng(seed)
    scores, doublings, truth = [], [], []
    for _ in range(galleries):
        known = rng.choice(judged, int(rng.integers(2, len(judged))), replace=False)
        counts = rng.choice(PICTURES, len(known))
        taught = []
        for name, count in zip(known, counts):
            shown = np.flatnonzero((labels == name) & (splits == "train"))
            # One picture alone is as often the studio's as a photograph.
            if count == 1 and rng.random() < 0.5:
                shown = np.flatnonzero((labels == name) & (splits == "studio"))
            taught.append(embeddings[rng.choice(shown, min(count, len(shown)), replace=False)])
        pool = np.flatnonzero(np.isin(splits, ("val", "test")) & np.isin(labels, judged))
        inside = np.isin(labels[pool], known)
        half = ASKED // 2
        asked = np.concatenate([rng.choice(pool[inside], half), rng.choice(pool[~inside], half)])
        block = np.full((ASKED, MOST_PRODUCTS), ABSENT)
        block[:, : len(known)] = np.stack([similarity(embeddings[asked], shown) for shown in taught], 1)
        more = np.zeros((ASKED, MOST_PRODUCTS))
        more[:, : len(known)] = np.log2([len(shown) for shown in taught])
        scores.append(block)
        doublings.append(more)
        places = {name: index for index, name in enumerate(known)}
        truth.append([places.get(label, -1) for label in labels[asked]])
    which = np.repeat(np.arange(galleries), ASKED)
    return Asked(*(torch.tensor(np.concatenate(rows)) for rows in (scores, doublings, truth)), torch.tensor(which))


def probabilities(parameters: torch.Tensor, asked: Asked) -> torch.Tensor:
    """Log of queries x (products, none), as vision/gallery/gallery.ts computes them. Telling first whether it is any of
    these and then which (a fourth number) was tried and is no better calibrated."""
    scale, even, per_doubling = parameters
    logits = scale * (asked.scores - even - per_doubling * asked.doublings)
    return torch.cat([logits, torch.zeros(len(logits), 1, dtype=logits.dtype)], 1).log_softmax(1)


def fit(asked: Asked) -> list[float]:
    parameters = torch.tensor([20.0, 0.5, 0.02], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([parameters], max_iter=200, line_search_fn="strong_wolfe")
    wanted = torch.where(asked.truth < 0, asked.scores.shape[1], asked.truth)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = nll_loss(probabilities(parameters, asked), wanted)
        value.backward()
        return value

    optimiser.step(loss)
    return parameters.detach().tolist()


def threshold(fitted: list[float], asked: Asked) -> float:
    """The median over galleries of what lets 1 % of their unknown queries in."""
    best = chances(fitted, asked).max(1).values
    unknown = asked.truth < 0
    limits = [torch.quantile(best[unknown & (asked.gallery == one)], 1 - FALSE_ACCEPTS) for one in asked.gallery.unique()]
    return float(torch.stack(limits).median())


def chances(fitted: list[float], asked: Asked) -> torch.Tensor:
    return probabilities(torch.tensor(fitted), asked)[:, :-1].exp()


def error_of(fitted: list[float], asked: Asked) -> float:
    best, said = chances(fitted, asked).max(1)
    right = (said == asked.truth).double()
    bins = (best * 10).long().clamp(max=9)
    return sum(abs(float((best - right)[bins == index].sum())) for index in range(10)) / len(best)


def report(what: str, fitted: list[float], asked: Asked, limit: float | None = None) -> None:
    best, said = chances(fitted, asked).max(1)
    limit = threshold(fitted, asked) if limit is None else limit
    known = asked.truth >= 0
    named = best > limit
    print(
        f"{what}: calibration error {error_of(fitted, asked):.4f}; named from {limit:.3f}: {share(named[known]):.3f} of known, "
        f"{share((named & (said != asked.truth))[known]):.4f} wrongly, and {share(named[~known]):.4f} of unknown"
    )


def share(those: torch.Tensor) -> float:
    return float(those.double().mean())


if __name__ == "__main__":
    main()

"""Fits the gallery's probabilities: `python calibrate.py --measured DIR --out ../models/calibration.json`.

From the embeddings that measure.py wrote, of products the models never saw: galleries of random products, taught by 1
to 20 random pictures, are asked about known and unknown products alike, and the three numbers of the likelihood are
fitted by Newton's method on the log-loss. The threshold lets 1 % of unknown products in. Error of calibration is
told crosswise where there are two folds: fitted on one, judged on the other.
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
PICTURES = (1, 2, 3, 5, 10, 20)
ASKED = 60  # queries for each gallery
ABSENT = -10.0  # the similarity of no product: no scale makes it likely, and gradients stay finite


@dataclass(frozen=True)
class Asked:
    """Queries x products, padded with ABSENT where a gallery was smaller; truth is -1 for an unknown product."""

    scores: torch.Tensor
    doublings: torch.Tensor
    truth: torch.Tensor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measured", type=Path, required=True, help="folder that measure.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    folds = {fold: asked_from(path) for fold in ("a", "b") if (path := args.measured / f"embeddings-{fold}.npz").is_file()}
    if not folds:
        raise SystemExit(f"{args.measured} holds no embeddings-a.npz or embeddings-b.npz: run measure.py first")
    for fold, asked in folds.items():
        for other, fitted_on in folds.items():
            if fold != other or len(folds) == 1:
                report(f"fitted on {other}, judged on {fold}", fit(fitted_on), asked)
    everything = Asked(*(torch.cat([getattr(asked, field) for asked in folds.values()]) for field in ("scores", "doublings", "truth")))
    fitted = fit(everything)
    accept_from = threshold(fitted, everything)
    report("fitted and judged on all", fitted, everything)
    scale, even, per_doubling = fitted
    written = {"scale": scale, "even": even, "evenPerDoubling": per_doubling, "acceptFrom": accept_from}
    args.out.write_text(json.dumps({key: round(value, 4) for key, value in written.items()}, indent=2) + "\n")
    print(f"wrote {args.out.name}: {written}")


def asked_from(path: Path) -> Asked:
    saved = np.load(path)
    embeddings, labels, splits, judged = (saved[key] for key in ("embeddings", "labels", "splits", "judged"))
    rng = np.random.default_rng(3)
    widest = len(judged) - 1
    scores, doublings, truth = [], [], []
    for _ in range(GALLERIES):
        known = rng.choice(judged, int(rng.integers(2, widest + 1)), replace=False)
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
        block = np.full((ASKED, widest), ABSENT)
        block[:, : len(known)] = np.stack([similarity(embeddings[asked], shown) for shown in taught], 1)
        more = np.zeros((ASKED, widest))
        more[:, : len(known)] = np.log2([len(shown) for shown in taught])
        scores.append(block)
        doublings.append(more)
        places = {name: index for index, name in enumerate(known)}
        truth.append([places.get(label, -1) for label in labels[asked]])
    return Asked(torch.tensor(np.concatenate(scores)), torch.tensor(np.concatenate(doublings)), torch.tensor(np.concatenate(truth)))


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
    best = probabilities(torch.tensor(fitted), asked)[:, :-1].exp().max(1).values
    return float(torch.quantile(best[asked.truth < 0], 1 - FALSE_ACCEPTS))


def report(what: str, fitted: list[float], asked: Asked) -> None:
    chances = probabilities(torch.tensor(fitted), asked)[:, :-1].exp()
    best, said = chances.max(1)
    right = (said == asked.truth).double()
    bins = (best * 10).long().clamp(max=9)
    error = sum(abs(float((best - right)[bins == index].sum())) for index in range(10)) / len(best)
    limit = threshold(fitted, asked)
    known = asked.truth >= 0
    accepted, wrong = float((best[known] > limit).double().mean()), float(((best > limit) & (right == 0))[known].double().mean())
    print(f"{what}: calibration error {error:.4f}; 1 % of unknown pass from {limit:.3f}, then {accepted:.3f} of known are named, {wrong:.4f} wrongly")


if __name__ == "__main__":
    main()

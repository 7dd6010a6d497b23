"""What the detector is asked to say of a picture, and how far off it is.

Task-aligned assignment (arXiv 2108.07755): for each thing, the cells inside its box whose present answer suits it best, by
score and overlap together, are asked for it; their wanted score is the overlap. Cells that fall on a thing which is hardly
seen are asked nothing. Losses: quality-weighted cross entropy for scores (arXiv 2008.13367), generalised overlap for boxes
(arXiv 1902.09630).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

CELLS_PER_THING = 9
SCORE_POWER, OVERLAP_POWER = 1.0, 5.0
BOX_WEIGHT = 2.0


@dataclass(frozen=True)
class Truth:
    """One picture's things: boxes G x 4 (left, top, right, bottom), kinds G, and boxes of what is hardly seen H x 4."""

    boxes: torch.Tensor
    kinds: torch.Tensor
    hardly: torch.Tensor


def overlaps(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Intersection over union of every a with every b: A x B."""
    low, high = torch.maximum(a[:, None, :2], b[None, :, :2]), torch.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(2)
    return shared / (_area(a)[:, None] + _area(b)[None] - shared).clamp(min=1e-6)


def generalised(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Generalised intersection over union, pair by pair."""
    shared = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    union = (_area(a) + _area(b) - shared).clamp(min=1e-6)
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).clamp(min=0).prod(1).clamp(min=1e-6)
    return shared / union - (hull - union) / hull


def losses(logits: torch.Tensor, boxes: torch.Tensor, centres: torch.Tensor, truths: list[Truth]) -> tuple[torch.Tensor, torch.Tensor]:
    """(score loss, box loss) of a batch: logits N x cells x kinds, boxes N x cells x 4, centres cells x 2."""
    wanted = torch.zeros_like(logits)
    asked = torch.ones_like(logits)
    found, meant, weights = [], [], []
    for index, truth in enumerate(truths):
        cells, things, quality = assigned(logits[index].detach(), boxes[index].detach(), centres, truth)
        wanted[index, cells, truth.kinds[things]] = quality
        on_hardly = _inside(centres, truth.hardly).any(1)
        on_hardly[cells] = False
        asked[index, on_hardly, 0] = 0
        found.append(boxes[index, cells])
        meant.append(truth.boxes[things])
        weights.append(quality)
    total = wanted.sum().clamp(min=1)
    with torch.no_grad():
        # Where nothing is, only what is mistaken counts; where something is, all by how well it is met.
        weight = torch.where(wanted > 0, wanted, 0.75 * logits.sigmoid() ** 2) * asked
    score = (F.binary_cross_entropy_with_logits(logits, wanted, reduction="none") * weight).sum() / total
    weight = torch.cat(weights)
    box = ((1 - generalised(torch.cat(found), torch.cat(meant))) * weight).sum() / total
    return score, BOX_WEIGHT * box


def assigned(logits: torch.Tensor, boxes: torch.Tensor, centres: torch.Tensor, truth: Truth) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Which cells are asked for which things: cell numbers, thing numbers, and the wanted scores."""
    nothing = torch.zeros(0, dtype=torch.long)
    if len(truth.boxes) == 0:
        return nothing, nothing, torch.zeros(0)
    overlap = overlaps(truth.boxes, boxes)
    scores = logits.sigmoid()[:, truth.kinds].T
    inside = _inside(centres, truth.boxes).T
    # A thing too small or too thin to hold a cell's middle is asked of the nearest cell.
    middles = (truth.boxes[:, :2] + truth.boxes[:, 2:]) / 2
    nearest = torch.cdist(middles, centres).argmin(1)
    lonely = ~inside.any(1)
    inside[lonely, nearest[lonely]] = True
    aligned = scores**SCORE_POWER * overlap**OVERLAP_POWER * inside
    value, chosen = aligned.topk(min(CELLS_PER_THING, aligned.shape[1]), dim=1)
    picked = torch.zeros_like(aligned).scatter_(1, chosen, (value > 0).float())
    picked[lonely, nearest[lonely]] = 1
    # A cell that suits several things is asked for the one it overlaps most.
    best = torch.where(picked > 0, overlap, torch.full_like(overlap, -1.0))
    thing = best.argmax(0)
    cells = torch.nonzero(picked.any(0))[:, 0]
    things = thing[cells]
    # A thing's best cell is asked for the best overlap that any of its cells has; the others for less.
    aligned = aligned * picked
    most, highest = aligned.max(1).values.clamp(min=1e-9), (overlap * picked).max(1).values
    quality = aligned[things, cells] / most[things] * highest[things]
    return cells, things, quality.clamp(0.05, 1)


def _inside(points: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """Which points lie in which boxes: points x boxes."""
    return ((points[:, None] > boxes[None, :, :2]) & (points[:, None] < boxes[None, :, 2:])).all(2)


def _area(boxes: torch.Tensor) -> torch.Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(1)

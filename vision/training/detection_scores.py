"""How detections are judged: average precision as COCO does it, and recall and precision at one threshold. Pure numpy.

101 recall points, best match first by score, one match a thing, at most 100 detections a picture. Things that do not count
(fridge_pictures.counts) take a detection that overlaps them out of the count, as COCO does with sizes that are not asked
for. `measure_detector.py --pycocotools` compares with COCO's own code, and finds the same figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST = 100


@dataclass(frozen=True)
class Judged:
    """One picture, one kind: found boxes with scores, true boxes, and which of these count."""

    boxes: np.ndarray
    scores: np.ndarray
    truths: np.ndarray
    counting: np.ndarray


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.maximum(high - low, 0).prod(2)
    areas = [np.maximum(one[:, 2:] - one[:, :2], 0).prod(1) for one in (a, b)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)


def matched(pictures: list[Judged], overlap: float) -> tuple[np.ndarray, np.ndarray, int]:
    """(scores, hit or not) of every detection that is in the count, best first, and how many things count."""
    scores, hits, things = [], [], 0
    for one in pictures:
        order = np.argsort(-one.scores, kind="stable")[:MOST]
        wanted = np.argsort(~one.counting, kind="stable")  # those that count are matched first
        counting = one.counting[wanted]
        table = overlaps(one.boxes[order], one.truths[wanted])
        taken = np.zeros(len(wanted), bool)
        things += int(counting.sum())
        for row, detection in enumerate(order):
            best, least = -1, min(overlap, 1 - 1e-10)
            for column in range(len(wanted)):
                if taken[column]:
                    continue
                if best >= 0 and counting[best] and not counting[column]:
                    break
                if table[row, column] < least:
                    continue
                best, least = column, table[row, column]
            if best >= 0:
                taken[best] = True
                if not counting[best]:
                    continue
            scores.append(one.scores[detection])
            hits.append(best >= 0)
    order = np.argsort(-np.array(scores), kind="stable")
    return np.array(scores, float)[order], np.array(hits, bool)[order], things


def average_precision(pictures: list[Judged], overlap: float = 0.5) -> float:
    """NaN when nothing counts."""
    _, hits, things = matched(pictures, overlap)
    if things == 0:
        return float("nan")
    right = np.cumsum(hits)
    recall, precision = right / things, right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.mean([precision[i] if i < len(precision) else 0.0 for i in at]))


def at_threshold(pictures: list[Judged], score: float, overlap: float = 0.5) -> tuple[float, float]:
    """(recall, precision) of what scores at least `score`."""
    scores, hits, things = matched(pictures, overlap)
    kept = hits[scores >= score]
    return float(kept.sum()) / max(1, things), float(kept.mean()) if len(kept) else float("nan")

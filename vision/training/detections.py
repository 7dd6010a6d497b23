"""From the detector's answers to boxes: what vision/detect/suppression.ts does too, in numpy, and judgement over folders."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from detection_scores import Judged, overlaps
from detector import KINDS
from fridge_pictures import Labelled, letterboxed

SUPPRESS_OVERLAP = 0.55
LEAST_SCORE = 0.03  # in judgement; in use the manifest says it
MOST = 300

Run = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # pixels 1 x 3 x rows x columns -> scores, boxes of one picture


def suppressed(boxes: np.ndarray, scores: np.ndarray, overlap: float = SUPPRESS_OVERLAP) -> np.ndarray:
    """Numbers of the boxes that stay, best first: each drops what overlaps it by more."""
    order = np.argsort(-scores, kind="stable")[:1000]
    table = overlaps(boxes[order], boxes[order])
    kept: list[int] = []
    gone = np.zeros(len(order), bool)
    for place in range(len(order)):
        if gone[place]:
            continue
        kept.append(int(order[place]))
        if len(kept) == MOST:
            break
        gone |= table[place] > overlap
    return np.array(kept, np.int64)


def judged(run: Run, pictures: list[Labelled], overlap: float = SUPPRESS_OVERLAP) -> dict[str, list[Judged]]:
    """Each kind's detections beside the truth, picture by picture, in pixels of the picture."""
    found: dict[str, list[Judged]] = {kind: [] for kind in KINDS}
    for one in pictures:
        values, scale = letterboxed(Image.open(one.path))
        scores, boxes = run(values.transpose(2, 0, 1)[None].astype(np.float32))
        edge = np.array([one.width, one.height] * 2, np.float32)
        for number, kind in enumerate(KINDS):
            sure = scores[:, number] >= LEAST_SCORE
            kept = suppressed(boxes[sure], scores[sure, number], overlap)
            mine = one.kinds == number
            found[kind].append(Judged(
                np.clip(boxes[sure][kept] / scale, 0, edge), scores[sure, number][kept], one.boxes[mine], one.visible[mine]
            ))  # fmt: skip
    return found

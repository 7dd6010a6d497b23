"""The detector's figures: `python measure_detector.py --onnx detector.onnx --judge DIR ... [--calibrate DIR] [--pycocotools]`.

Of the exported file, through onnxruntime: for each set of pictures AP50, AP75 and AP50 by size, and recall and precision at the
threshold of use. The threshold is the score at which precision and recall meet best (F1) on the --calibrate set, which is none of
the judged ones. --pycocotools judges once more by COCO's own code and fails when it disagrees.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime

from detection_scores import Judged, at_threshold, average_precision, matched
from detections import SUPPRESS_OVERLAP, Run, judged
from detector import COLUMNS, KINDS, ROWS
from fridge_pictures import Labelled, labelled

SIZES = {"small": (0, 16), "medium": (16, 40), "large": (40, 10_000)}  # root of the box's area, in pixels of 512 x 288


def exported(path: Path) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.x64quantprecision", "1")  # slower, and never overflows
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores, boxes = session.run(["scores", "boxes"], {"pixels": values})
        return scores[0], boxes[0]

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--judge", type=Path, action="append", default=[])
    parser.add_argument("--calibrate", type=Path)
    parser.add_argument("--thresholds", default="product=0.4,hand=0.4")
    parser.add_argument("--overlap", type=float, default=SUPPRESS_OVERLAP)
    parser.add_argument("--pycocotools", action="store_true")
    args = parser.parse_args()
    run = exported(args.onnx)
    thresholds = {kind: float(value) for kind, _, value in (one.partition("=") for one in args.thresholds.split(","))}
    if args.calibrate:
        found = judged(run, labelled(args.calibrate), args.overlap)
        thresholds = {kind: best_threshold(found[kind]) for kind in KINDS}
        print(json.dumps({"calibrate": str(args.calibrate), "thresholds": thresholds}), flush=True)
    for folder in args.judge:
        pictures = labelled(folder)
        found = judged(run, pictures, args.overlap)
        for kind in KINDS:
            recall, precision = at_threshold(found[kind], thresholds[kind])
            told = {
                "set": folder.name, "pictures": len(pictures), "kind": kind, "things": sum(int(one.counting.sum()) for one in found[kind]),
                "AP50": round(average_precision(found[kind]), 4), "AP75": round(average_precision(found[kind], 0.75), 4),
                **{f"AP50 {name}": round(average_precision(of_size(found[kind], pictures, *bounds)), 4) for name, bounds in SIZES.items()},
                "threshold": thresholds[kind], "recall": round(recall, 4), "precision": round(precision, 4),
            }  # fmt: skip
            print(json.dumps(told), flush=True)
            if args.pycocotools:
                agrees(found[kind])


def best_threshold(found: list[Judged]) -> float:
    scores, hits, things = matched(found, 0.5)
    right = np.cumsum(hits)
    f1 = 2 * right / (np.arange(1, len(hits) + 1) + things)
    return round(float(scores[int(f1.argmax())]), 2)


def of_size(found: list[Judged], pictures: list[Labelled], least: float, most: float) -> list[Judged]:
    """Only things of a size count; a detection of another size that hits none is left out, as COCO does."""
    kept = []
    for one, picture in zip(found, pictures):
        scale = COLUMNS * ROWS / (picture.width * picture.height)
        sized = [np.sqrt(np.maximum((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]), 0) * scale) for b in (one.truths, one.boxes)]
        counting = one.counting & (sized[0] >= least) & (sized[0] < most)
        _, table = None, _touches(one.boxes, one.truths[counting])
        mine = table | ((sized[1] >= least) & (sized[1] < most))
        kept.append(Judged(one.boxes[mine], one.scores[mine], one.truths, counting))
    return kept


def _touches(boxes: np.ndarray, truths: np.ndarray) -> np.ndarray:
    from detection_scores import overlaps

    return overlaps(boxes, truths).max(1, initial=0) >= 0.5


def agrees(found: list[Judged]) -> None:
    """Fails unless pycocotools gives the same AP50 and AP75."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    wide = lambda b: [float(b[0]), float(b[1]), float(b[2] - b[0]), float(b[3] - b[1])]  # noqa: E731
    truths = [(i, wide(box), bool(c)) for i, one in enumerate(found) for box, c in zip(one.truths, one.counting)]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i + 1} for i in range(len(found))],
        "categories": [{"id": 1}],
        # What does not count has no area, and areas from 1 are asked for: COCO's own way of leaving things out.
        "annotations": [
            {"id": n + 1, "image_id": i + 1, "category_id": 1, "bbox": box, "area": 10.0 if c else 0.0, "iscrowd": 0} for n, (i, box, c) in enumerate(truths)
        ],
    }
    coco.createIndex()
    answers = [
        {"image_id": i + 1, "category_id": 1, "bbox": wide(box), "score": float(score)} for i, one in enumerate(found) for box, score in zip(one.boxes, one.scores)
    ]
    judge = COCOeval(coco, coco.loadRes(answers), "bbox")
    judge.params.areaRng, judge.params.areaRngLbl = [[0.5, 1e10]], ["all"]
    judge.params.iouThrs = np.array([0.5, 0.75])
    judge.evaluate()
    judge.accumulate()
    theirs = judge.eval["precision"][:, :, 0, 0, -1].mean(1)
    ours = [average_precision(found), average_precision(found, 0.75)]
    if np.abs(theirs - ours).max() > 1e-3:
        raise SystemExit(f"pycocotools says {theirs}, we say {ours}")
    print(f"pycocotools agrees: {theirs}", flush=True)


if __name__ == "__main__":
    main()

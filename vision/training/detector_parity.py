"""Vectors that hold TypeScript to Python: `python detector_parity.py --onnx ../models/detector.onnx --thresholds ... PICTURE...`.

Writes detector.json beside the pictures (test/vectors/vision): what the exported detector finds in each, by detections.py.
test/unit/vision/detector.test.ts detects in the same files through vision/detect and compares.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from detections import SUPPRESS_OVERLAP, suppressed
from detector import KINDS
from fridge_pictures import letterboxed
from measure_detector import exported


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--least", type=float, default=0.3)
    parser.add_argument("pictures", type=Path, nargs="+")
    args = parser.parse_args()
    run = exported(args.onnx)
    told = []
    for path in args.pictures:
        picture = Image.open(path)
        values, scale = letterboxed(picture)
        scores, boxes = run(values.transpose(2, 0, 1)[None].astype(np.float32))
        boxes = np.clip(boxes / scale, 0, np.array([picture.width, picture.height] * 2, np.float32))
        found = []
        for number, kind in enumerate(KINDS):
            sure = scores[:, number] >= args.least
            for index in suppressed(boxes[sure], scores[sure, number], SUPPRESS_OVERLAP):
                found.append({"kind": kind, "score": round(float(scores[sure, number][index]), 4), "box": [round(float(v), 2) for v in boxes[sure][index]]})
        told.append({"picture": path.name, "leastScore": args.least, "detections": sorted(found, key=lambda one: -one["score"])})
    folder = args.pictures[0].parent
    (folder / "detector.json").write_text(json.dumps(told) + "\n")
    print(f"wrote {sum(len(one['detections']) for one in told)} detections in {len(told)} pictures")


if __name__ == "__main__":
    main()

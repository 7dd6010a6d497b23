"""The detector's answers on real photographs, for its card: `python detector_sheet.py --onnx detector.onnx --thresholds ... --out sheet.jpg`.

Photographs of the `test` split, evenly spread over the packaged products, chosen before anything was detected: what is wrong on
the sheet was not left out. Products green, hands red, each with its score.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import grocery
from detections import suppressed
from detector import KINDS
from fridge_pictures import letterboxed
from measure_detector import exported

ACROSS, DOWN, SIDE = 6, 4, 200
COLOURS = {"product": (0, 224, 90), "hand": (255, 59, 48)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of photographs (else GROCERY_DIR)")
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--thresholds", default="product=0.4,hand=0.4")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    thresholds = {kind: float(value) for kind, _, value in (one.partition("=") for one in args.thresholds.split(","))}
    run = exported(args.onnx)
    photographs = [one for one in grocery.pictures(grocery.folder_from(args.data)) if one.split == "test" and one.kind == "packaged"]
    chosen = [photographs[int((n + 0.5) * len(photographs) / (ACROSS * DOWN))] for n in range(ACROSS * DOWN)]
    sheet = Image.new("RGB", (ACROSS * SIDE, DOWN * SIDE), (20, 20, 20))
    for place, one in enumerate(chosen):
        picture = Image.open(one.path).convert("RGB")
        values, scale = letterboxed(picture)
        scores, boxes = run(values.transpose(2, 0, 1)[None].astype(np.float32))
        shown = SIDE / max(picture.size)
        small = picture.resize((round(picture.width * shown), round(picture.height * shown)))
        draw = ImageDraw.Draw(small)
        for number, kind in enumerate(KINDS):
            sure = scores[:, number] >= thresholds[kind]
            for index in suppressed(boxes[sure], scores[sure, number]):
                box = np.clip(boxes[sure][index] / scale, 0, [picture.width, picture.height] * 2) * shown
                draw.rectangle(box.tolist(), outline=COLOURS[kind], width=2)
                draw.text((box[0] + 3, box[1] + 1), f"{scores[sure, number][index] * 100:.0f}", fill=COLOURS[kind])
        sheet.paste(small, (place % ACROSS * SIDE, place // ACROSS * SIDE))
    sheet.save(args.out, quality=76)
    print(f"{args.out}: {args.out.stat().st_size / 1000:.0f} kB, {len(chosen)} of {len(photographs)} photographs")


if __name__ == "__main__":
    main()

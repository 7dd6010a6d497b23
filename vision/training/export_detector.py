"""Weights to ONNX: `python export_detector.py --weights RUNS/detector.pt --out ../models --set DIR ... [--bits 8|7|32]`.

Writes detector.onnx (opset 17, batch and sides free; convolutions in eight bits but for the first two and the last ones, the
rest in float32, stored as float16) and detector.json, which vision/models/model.ts and vision/detect/detector.ts go by. Scores
leave the graph as probabilities and boxes as pixels of the input. Ranges are taken from pictures of --set, those of the training.
The exported file is run beside the PyTorch model before anything is written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image

from detections import SUPPRESS_OVERLAP
from detector import COLUMNS, INPUT_PIXELS, KINDS, ROWS, SIDE_STEP, Detector
from eight_bits import in_eight_bits
from export_embedder import FIRST_WIDE, halved, padded
from fridge_pictures import labelled, letterboxed

RANGED, COMPARED = 32, 8  # pictures of the sets together
MEANT = 0.1  # a score from which on a difference is told of
MOST_APART = {32: (0.01, 0.5), 8: (0.03, 1.5), 7: (0.04, 2.5)}  # scores and pixels of boxes, in the mean


class _Exported(torch.nn.Module):
    def __init__(self, model: Detector):
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits, boxes = self.model(pixels)
        return logits.sigmoid(), boxes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--thresholds", default="product=0.4,hand=0.4", help="of use, as measure_detector.py finds them")
    parser.add_argument("--set", type=Path, action="append", required=True, help="folder of pictures that it learned from")
    parser.add_argument("--bits", type=int, choices=(32, 8, 7), default=8)
    args = parser.parse_args()
    thresholds = {kind: float(value) for kind, _, value in (one.partition("=") for one in args.thresholds.split(","))}
    if set(thresholds) != set(KINDS):
        raise SystemExit(f"--thresholds names {sorted(thresholds)}, and should name {sorted(KINDS)}")
    model = Detector()
    model.load_state_dict(torch.load(args.weights, map_location="cpu"))
    exported = _Exported(model).eval()
    example = torch.rand(2, 3, ROWS, COLUMNS, generator=torch.Generator().manual_seed(1)) * 255
    raw = args.weights.with_suffix(".onnx")
    torch.onnx.export(
        exported, (example,), str(raw), opset_version=17, input_names=["pixels"], output_names=["scores", "boxes"],
        dynamic_axes={"pixels": {0: "batch", 2: "rows", 3: "columns"}, "scores": {0: "batch", 1: "cells"}, "boxes": {0: "batch", 1: "cells"}}, dynamo=False,
    )  # fmt: skip
    narrow = padded(onnx.load(raw))
    raw.unlink()
    shown = learned_pictures(args.set)
    if args.bits < 32:
        narrow = in_eight_bits(narrow, shown[:RANGED], stays_wide, args.bits == 7)
    narrow = halved(narrow)
    for output, shape in zip(narrow.graph.output, [("batch", "cells", len(KINDS)), ("batch", "cells", 4)]):
        # The exporter leaves these sizes open, and the manifest states them.
        for dimension, size in zip(output.type.tensor_type.shape.dim, shape):
            dimension.Clear()
            if isinstance(size, str):
                dimension.dim_param = size
            else:
                dimension.dim_value = size
    data = narrow.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    apart = np.mean([differences(exported, session, picture[:, :, :256, :320].copy()) for picture in shown[RANGED:]], 0)
    if (apart > MOST_APART[args.bits]).any():
        raise SystemExit(f"the exported model differs: scores by {apart[0]:.4f}, boxes by {apart[1]:.2f} pixels; nothing was written")
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "detector.onnx").write_bytes(data)
    spec = {
        "name": "detector",
        "file": "detector.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "input": {"name": "pixels", "shape": [None, 3, None, None]},
        "outputs": [{"name": "scores", "shape": [None, None, len(KINDS)]}, {"name": "boxes", "shape": [None, None, 4]}],
        "inputPixels": INPUT_PIXELS,
        "sideStep": SIDE_STEP,
        "kinds": list(KINDS),
        "leastScores": thresholds,
        "mostOverlap": SUPPRESS_OVERLAP,
    }
    # Lists of plain values on one line, as the project's formatter wants them.
    written = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), json.dumps(spec, indent=2))
    (args.out / "detector.json").write_text(written + "\n")
    print(f"detector.onnx {len(data) / 1e6:.2f} MB; to the trained model scores differ by {apart[0]:.5f}, boxes by {apart[1]:.3f} pixels in the mean")


def learned_pictures(sets: list[Path]) -> list[np.ndarray]:
    """RANGED and then COMPARED, evenly from the sets, as the network is given them."""
    rng = np.random.default_rng(7)
    all_of = [labelled(folder) for folder in sets]
    drawn = [pictures[int(rng.integers(len(pictures)))] for _ in range(RANGED + COMPARED) for pictures in all_of][: RANGED + COMPARED]
    return [letterboxed(Image.open(one.path))[0].transpose(2, 0, 1)[None].astype(np.float32) for one in drawn]


def stays_wide(node: onnx.NodeProto, number: int) -> bool:
    """The first convolutions, the last ones, and the sums that make boxes of their answers."""
    if node.op_type == "Conv":
        return number < FIRST_WIDE or "/scores/" in node.name or "/sides/" in node.name
    return node.op_type == "Add" and "_blocks" not in node.name


def differences(exported: torch.nn.Module, session: onnxruntime.InferenceSession, picture: np.ndarray) -> tuple[float, float]:
    """Means, of where the trained model scores at all. The picture's sides are not those of the export: they are to be free."""
    with torch.no_grad():
        scores, boxes = (tensor.numpy() for tensor in exported(torch.from_numpy(picture)))
    found = session.run(["scores", "boxes"], {"pixels": picture})
    meant = scores >= MEANT
    if not meant.any():
        return 0.0, 0.0
    return float(np.abs(found[0] - scores)[meant].mean()), float(np.abs(found[1] - boxes)[meant.any(2)].mean())


if __name__ == "__main__":
    main()

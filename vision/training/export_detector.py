"""Weights to ONNX: `python export_detector.py --weights RUNS/detector.pt --out ../models [--thresholds product=0.4,hand=0.4]`.

Writes detector.onnx (opset 17, batch and sides free, float32 arithmetic, weights stored as float16) and detector.json, which
vision/models/model.ts and vision/detect/detector.ts go by. Scores leave the graph as probabilities and boxes as pixels of the
input. The exported file is run beside the PyTorch model before anything is written.
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

from detections import SUPPRESS_OVERLAP
from detector import COLUMNS, INPUT_PIXELS, KINDS, ROWS, SIDE_STEP, Detector
from export_embedder import halved, padded


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
    narrow = halved(padded(onnx.load(raw)))
    raw.unlink()
    for output, shape in zip(narrow.graph.output, [("batch", "cells", len(KINDS)), ("batch", "cells", 4)]):
        # The exporter leaves these sizes open, and the manifest states them.
        for dimension, size in zip(output.type.tensor_type.shape.dim, shape):
            dimension.Clear()
            if isinstance(size, str):
                dimension.dim_param = size
            else:
                dimension.dim_value = size
    example = example[:, :, :256, :320]  # the sizes that were left open are to be so
    with torch.no_grad():
        wanted = [tensor.numpy() for tensor in exported(example)]
    data = narrow.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = session.run(["scores", "boxes"], {"pixels": example.numpy()})
    apart = [float(np.abs(a - b).max()) for a, b in zip(wanted, found)]
    if apart[0] > 0.02 or apart[1] > 4:
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
    print(f"detector.onnx {len(data) / 1e6:.2f} MB; to the trained model scores differ by {apart[0]:.5f}, boxes by {apart[1]:.3f} pixels")


if __name__ == "__main__":
    main()

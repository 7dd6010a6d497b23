"""Weights to ONNX: `python export_embedder.py --weights embedder-none.pt --out ../models [--data DIR] [--bits 8|7|32]`.

Writes embedder.onnx (opset 17, batch free; convolutions in eight bits but for the first two and the attention map's, the rest
in float32, stored as float16) and embedder.json with checksum and shapes, which vision/models/model.ts verifies. Ranges are
taken from photographs that this fold learned from. The exported file is run beside the PyTorch model, on photographs that its
ranges were not taken from, before anything is written.
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
from onnx import TensorProto, helper, numpy_helper

import grocery
import protocol
from eight_bits import in_eight_bits
from embedder import DIMENSIONS, LOOK_PIXELS, Embedder
from views import VIEW_SHARES, cuts, opened, square

LARGE = 256  # elements from which a tensor is worth storing as float16
RANGED, COMPARED = 48, 16  # photographs
FIRST_WIDE = 2  # convolutions: their few channels make little of the time and much of the error
LEAST_COSINE = {32: 0.999, 8: 0.985, 7: 0.98}  # to the trained model, of the worst compared photograph


class _Exported(torch.nn.Module):
    def __init__(self, model: Embedder):
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.embedding(pixels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", help="folder of photographs (else GROCERY_DIR)")
    parser.add_argument("--bits", type=int, choices=(32, 8, 7), default=8)
    args = parser.parse_args()
    shown = learned_photographs(args.data, json.loads(args.weights.with_suffix(".json").read_text())["fold"])
    model = Embedder()
    model.load_state_dict(torch.load(args.weights, map_location="cpu"))
    if not model.axes.any():
        raise SystemExit(f"{args.weights} has no projection yet: let train_embedder.py come to its end")
    model.eval()
    example = torch.rand(2, 3, LOOK_PIXELS, LOOK_PIXELS, generator=torch.Generator().manual_seed(1)) * 255
    raw = args.weights.with_suffix(".onnx")
    torch.onnx.export(
        _Exported(model).eval(), (example,), str(raw), opset_version=17, input_names=["pixels"], output_names=["embedding"],
        dynamic_axes={"pixels": {0: "batch"}, "embedding": {0: "batch"}}, dynamo=False,
    )
    exported = padded(onnx.load(raw))
    raw.unlink()
    if args.bits < 32:
        exported = in_eight_bits(exported, shown[:RANGED], stays_wide, args.bits == 7)
    narrow = halved(exported)
    session = onnxruntime.InferenceSession(narrow.SerializeToString(), providers=["CPUExecutionProvider"])
    cosines = []
    for picture in shown[RANGED:]:
        with torch.no_grad():
            wanted = _Exported(model)(torch.from_numpy(picture)).numpy()
        cosines.append(float((wanted * session.run(None, {"pixels": picture})[0]).sum()))
    if min(cosines) < LEAST_COSINE[args.bits]:
        raise SystemExit(f"the exported model differs: cosine {min(cosines):.5f} to the trained one; nothing was written")
    args.out.mkdir(parents=True, exist_ok=True)
    data = narrow.SerializeToString()
    (args.out / "embedder.onnx").write_bytes(data)
    spec = {
        "name": "embedder",
        "file": "embedder.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "input": {"name": "pixels", "shape": [None, 3, LOOK_PIXELS, LOOK_PIXELS]},
        "outputs": [{"name": "embedding", "shape": [None, DIMENSIONS]}],
        "inputPixels": LOOK_PIXELS,
        "dimensions": DIMENSIONS,
        "viewShares": list(VIEW_SHARES),
    }
    # Lists of plain values on one line, as the project's formatter wants them.
    written = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), json.dumps(spec, indent=2))
    (args.out / "embedder.json").write_text(written + "\n")
    print(f"embedder.onnx {len(data) / 1e6:.2f} MB, cosine to the trained model {np.mean(cosines):.5f}, at worst {min(cosines):.5f}")


def learned_photographs(data: str | None, fold: str) -> list[np.ndarray]:
    """RANGED and then COMPARED, of packaged products that the fold learned from, as the network is given them."""
    pictures = [one for one in grocery.pictures(grocery.folder_from(data)) if one.kind == "packaged"]
    judged = protocol.held_out(pictures, fold)
    learned = [one for one in pictures if one.label not in judged and one.split == "train"]
    spread = np.random.default_rng(7).permutation(len(learned))[: RANGED + COMPARED]
    looks = [(image, cuts(image, VIEW_SHARES)[0]) for image in (opened(learned[index]) for index in spread)]
    return [np.asarray(square(image, cut), np.float32).transpose(2, 0, 1)[None].copy() for image, cut in looks]


def stays_wide(node: onnx.NodeProto, number: int) -> bool:
    if node.op_type == "Conv":
        return number < FIRST_WIDE or "look_" in node.name
    return node.op_type == "Add" and "_blocks" not in node.name


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with large float32 weights stored as float16 behind a Cast, which the session folds away."""
    graph = model.graph
    casts = []
    scales = {name for node in graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear") for name in node.input[1:]}
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.name in scales or tensor.data_type != TensorProto.FLOAT or values.size < LARGE or np.abs(values).max() > 6e4:
            continue
        name = tensor.name
        narrow = numpy_helper.from_array(values.astype(np.float16), f"{name}_half")
        graph.initializer.remove(tensor)
        graph.initializer.append(narrow)
        casts.append(helper.make_node("Cast", [narrow.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def padded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, where a convolution of stride 2 pads its input itself instead of being given a padded copy.

    On even sides SAME pads kernel - 2 in all, the odd one at the far side (backbone.SameConv); PyTorch's exporter knows only
    paddings that are the same on both sides, and so writes a Pad.
    """
    graph = model.graph
    makers = {node.output[0]: node for node in graph.node}
    for conv in [node for node in graph.node if node.op_type == "Conv"]:
        pad = makers.get(conv.input[0])
        if pad is None or pad.op_type != "Pad":
            continue
        attributes = {attribute.name: attribute for attribute in conv.attribute}
        total = attributes["kernel_shape"].ints[0] - 2
        before, after = total // 2, total - total // 2
        attributes["pads"].ints[:] = [before, before, after, after]
        conv.input[0] = pad.input[0]
        graph.node.remove(pad)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    main()

"""A network's convolutions in eight bits: half the time on a processor with dot-product instructions, a quarter of the file.

Static: ranges are taken from pictures of the training, never from judged ones; weights have a scale a channel. The ranges of a
convolution and of the ReLU6 behind it are one: without Clip among what is made narrow, a range of 6 would be coded in steps made
for the 90 that come out of the convolution before it is cut, and nearly all would be lost. Called by export_embedder.py and
export_detector.py; the result is compared with what it was made from before anything is written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

NARROW = ("Conv", "Add", "Clip")


class _Pictures(CalibrationDataReader):
    def __init__(self, pictures: Iterable[np.ndarray]):
        self.left = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self.left, None)
        return None if picture is None else {"pixels": picture}


def in_eight_bits(model: onnx.ModelProto, pictures: Iterable[np.ndarray], wide: Callable[[onnx.NodeProto, int], bool], seven: bool = False) -> onnx.ModelProto:
    """`model` with all but the `wide` of its convolutions and sums (asked with each one's number among its kind, from 0) in
    eight bits. `pictures`: arrays of the input's shape. `seven`: weights of seven bits, for processors that overflow."""
    with tempfile.TemporaryDirectory() as folder:
        given, plain, narrow = (str(Path(folder) / name) for name in ("given.onnx", "plain.onnx", "narrow.onnx"))
        onnx.save(model, given)
        quant_pre_process(given, plain, skip_symbolic_shape=True)
        kept, counts = [], {}
        for node in onnx.load(plain).graph.node:
            number = counts.get(node.op_type, 0)
            counts[node.op_type] = number + 1
            if node.op_type in NARROW and wide(node, number):
                kept.append(node.name)
        quantize_static(
            plain, narrow, _Pictures(pictures), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=seven, activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8, op_types_to_quantize=list(NARROW), nodes_to_exclude=kept, calibrate_method=CalibrationMethod.MinMax,
        )  # fmt: skip
        return onnx.load(narrow)

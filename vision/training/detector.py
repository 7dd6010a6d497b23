"""The detector: a picture of a fridge in, boxes of products and hands out, whichever products they are.

EfficientNet-Lite0's trunk up to stride 32, a top-down pyramid, and at strides 8, 16 and 32 a small head that says for every
cell how sure it is of a product and of a hand, and how far the sides are. No anchors. A score means the overlap that the box
is expected to have with a real one. Input: RGB, values 0 to 255, any sides that are multiples of 32; trained at 288 rows of 512. The
scaling and the decoding are inside, so that whoever runs the model cannot get them wrong. Used by train_detector.py, measure_detector.py and export_detector.py.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from backbone import Block, SameConv, Trunk, load_pretrained

VARIANT = "lite0"
ROWS, COLUMNS = 288, 512
SIDE_STEP = 32  # sides are multiples of it
INPUT_PIXELS = 640 * 352  # in use: small things want to be seen larger than training could afford
KINDS = ("product", "hand")
STRIDES = (8, 16, 32)
WIDTH = 96
FROZEN_STAGES = 2  # edges and colours; backward through them costs most
TAKEN_STAGES = (2, 4, 5)  # whose maps have the strides above
RARE = -4.0  # the first guess of every cell: nothing here


class Separable(nn.Sequential):
    """A depthwise 5 x 5 and a pointwise convolution."""

    def __init__(self, channels: int):
        super().__init__(
            nn.Conv2d(channels, channels, 5, padding=2, groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU6(),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU6(),
        )


class Head(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.what, self.where = nn.Sequential(Separable(channels), Separable(channels)), nn.Sequential(Separable(channels), Separable(channels))
        self.scores = nn.Conv2d(channels, len(KINDS), 1)
        self.sides = nn.Conv2d(channels, 4, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.scores(self.what(x)), F.softplus(self.sides(self.where(x)).float())


class Detector(nn.Module):
    def __init__(self, trunk: Trunk | None = None):
        super().__init__()
        self.trunk = _shortened(trunk or Trunk(VARIANT))
        self.ends = [self.trunk.stage_ends[stage] for stage in TAKEN_STAGES]
        self.frozen_blocks = self.trunk.stage_ends[FROZEN_STAGES - 1] + 1
        self.narrow = nn.ModuleList(
            nn.Sequential(nn.Conv2d(self.trunk.stage_channels[stage], WIDTH, 1, bias=False), nn.BatchNorm2d(WIDTH)) for stage in TAKEN_STAGES
        )
        self.mix = nn.ModuleList(Separable(WIDTH) for _ in STRIDES)
        self.heads = nn.ModuleList(Head(WIDTH) for _ in STRIDES)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Score logits N x cells x 2, and boxes N x cells x 4 (left, top, right, bottom in pixels of the input)."""
        maps = self._pyramid(pixels)
        logits, boxes = [], []
        for stride, head, features in zip(STRIDES, self.heads, maps):
            score, sides = head(features)
            centres = cell_centres(features.shape[2], features.shape[3], stride, sides)
            sides = sides.flatten(2).transpose(1, 2) * stride
            boxes.append(torch.cat([centres - sides[..., :2], centres + sides[..., 2:]], 2))
            logits.append(score.flatten(2).transpose(1, 2).float())
        return torch.cat(logits, 1), torch.cat(boxes, 1)

    def _pyramid(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        with torch.no_grad():
            x = self.trunk.stem((pixels - 127.0) / 128.0)
            for block in self.trunk._blocks[: self.frozen_blocks]:
                x = block(x)
        taken = []
        for index in range(self.frozen_blocks, len(self.trunk._blocks)):
            x = self.trunk._blocks[index](x)
            if index in self.ends:
                taken.append(x)
        maps = [narrow(one) for narrow, one in zip(self.narrow, taken)]
        for level in (1, 0):
            coarse = self.mix[level + 1](maps[level + 1]) if level == 1 else maps[level + 1]
            maps[level + 1] = coarse
            maps[level] = self.mix[level](maps[level] + F.interpolate(coarse, scale_factor=2.0, mode="nearest"))
        return maps


def cell_centres(rows: int, columns: int, stride: int, like: torch.Tensor) -> torch.Tensor:
    """The middles of a map's cells, cells x 2 (x, y), in pixels of the input."""
    ys = (torch.arange(rows, dtype=like.dtype) + 0.5)[:, None] * stride
    xs = (torch.arange(columns, dtype=like.dtype) + 0.5)[None] * stride
    return torch.stack([xs + 0 * ys, ys + 0 * xs], 2).reshape(-1, 2)


def _shortened(trunk: Trunk) -> Trunk:
    """Without the last stage and the classifier's layers, which say what a picture is of and not where."""
    trunk._blocks = trunk._blocks[: trunk.stage_ends[TAKEN_STAGES[-1]] + 1]
    del trunk._conv_head, trunk._bn1
    return trunk


def fresh(pretrained: bool = True) -> Detector:
    """A detector on pretrained weights, its new layers started at random (seed torch before)."""
    model = Detector(load_pretrained(VARIANT) if pretrained else None)
    for head in model.heads:
        nn.init.normal_(head.scores.weight, std=0.01)
        nn.init.constant_(head.scores.bias, RARE)
        nn.init.normal_(head.sides.weight, std=0.01)
        nn.init.constant_(head.sides.bias, 1.0)
    return model


class _FullPrecision(SameConv):
    """Depthwise convolutions train several times faster in float32 than in bfloat16 on today's CPUs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


class _FullPrecisionPlain(nn.Conv2d):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


def made_trainable(model: Detector) -> Detector:
    """Freezes what is not to learn: the early stages, and the trunk's running statistics."""
    model.train()
    for parameter in [*model.trunk._conv_stem.parameters(), *model.trunk._bn0.parameters()]:
        parameter.requires_grad_(False)
    for index, block in enumerate(model.trunk._blocks):
        assert isinstance(block, Block)
        if index < model.frozen_blocks:
            for parameter in block.parameters():
                parameter.requires_grad_(False)
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            module.__class__ = _FullPrecision if isinstance(module, SameConv) else _FullPrecisionPlain
    for module in model.trunk.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    return model

"""The embedder: a picture of one product in, 128 numbers of unit length out.

EfficientNet-Lite0's trunk, of which the first stages stay as ImageNet made them, and a pooling that looks: an attention
map says where the product is, and only what stands there is averaged, so that shelf and hand do not count.
While it learns, two depths are pooled, print detail (stride 16) and meaning (stride 32), and a linear layer makes what the
losses see. That layer fits the few products of the training and is thrown away (as in SimCLR, arXiv 2002.05709): what is
shipped is the meaning along the axes in which it varies most (projection.py), which tells new products apart better.
Input: RGB, 320 x 320 (224 x 224 while it learns), values 0 to 255; the scaling is inside, so that nobody gets it wrong.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from backbone import SameConv, Trunk, load_pretrained

VARIANT = "lite0"
INPUT_PIXELS = 224  # while it learns
LOOK_PIXELS = 320  # afterwards: things then look as large as the crops of the training made them (arXiv 1906.06423)
DIMENSIONS = 128
MEANING = 1280  # numbers that the trunk's head gives
FROZEN_BATCH = 19
FROZEN_STAGES = 3  # edges and colours: 19 products would only spoil them, and backward through them costs most


class _FullPrecisionConv(SameConv):
    """Depthwise convolutions train several times faster in float32 than in bfloat16 on today's CPUs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


class Embedder(nn.Module):
    def __init__(self, trunk: Trunk | None = None):
        super().__init__()
        self.trunk = trunk or Trunk(VARIANT)
        fine, coarse = self.trunk.stage_channels[4], self.trunk.stage_channels[5]
        self.look_fine = nn.Conv2d(fine, 1, 1)
        self.look_coarse = nn.Conv2d(coarse, 1, 1)
        self.spread = nn.BatchNorm1d(fine + MEANING)
        self.project = nn.Linear(fine + MEANING, DIMENSIONS, bias=False)
        self.register_buffer("middle", torch.zeros(MEANING))
        self.register_buffer("axes", torch.zeros(MEANING, DIMENSIONS))
        self.frozen_blocks = self.trunk.stage_ends[FROZEN_STAGES - 1] + 1

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the losses see: (vectors N x 128, attention logits N x 1 x 14 x 14)"""
        fine, meaning, logits = self._pooled(pixels)
        return F.normalize(self.project(self.spread(torch.cat([fine, meaning], 1))), dim=1), logits

    def meaning(self, pixels: torch.Tensor) -> torch.Tensor:
        """N x 1280, of which projection.py makes middle and axes."""
        return self._pooled(pixels)[1]

    def embedding(self, pixels: torch.Tensor) -> torch.Tensor:
        """N x 128, of unit length; only after projection.py."""
        meaning = self.meaning(pixels).float()
        with torch.autocast("cpu", enabled=False):
            return F.normalize((meaning - self.middle) @ self.axes, dim=1)

    def _pooled(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        x = self._frozen((pixels - 127.0) / 128.0)
        maps = []
        for index in range(self.frozen_blocks, len(self.trunk._blocks)):
            x = self.trunk._blocks[index](x)
            if index in (self.trunk.stage_ends[4], self.trunk.stage_ends[5]):
                maps.append(x)
        fine, coarse = maps
        logits = self.look_fine(fine) + F.interpolate(self.look_coarse(coarse), scale_factor=2, mode="nearest")
        logits = logits.float()
        weight = torch.sigmoid(logits) + 1e-3
        return _pooled(fine, weight), _pooled(self.trunk.head(x), F.avg_pool2d(weight, 2)), logits

    def _frozen(self, x: torch.Tensor) -> torch.Tensor:
        """The early stages, a few pictures at a time: their maps are large, and a cache is small."""
        with torch.no_grad():
            parts = []
            for part in x.split(FROZEN_BATCH) if self.training else (x,):
                part = self.trunk.stem(part)
                for index in range(self.frozen_blocks):
                    part = self.trunk._blocks[index](part)
                parts.append(part)
            return torch.cat(parts) if len(parts) > 1 else parts[0]


def _pooled(features: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (features.float() * weight).sum((2, 3)) / weight.sum((2, 3))


def fresh(pretrained: bool = True) -> Embedder:
    """An embedder on pretrained weights, its new layers started at random (seed torch before)."""
    model = Embedder(load_pretrained(VARIANT) if pretrained else None)
    nn.init.zeros_(model.look_fine.weight)
    nn.init.zeros_(model.look_coarse.weight)
    nn.init.orthogonal_(model.project.weight)
    return model


def made_trainable(model: Embedder) -> Embedder:
    """Freezes what is not to learn: early stages, depthwise kernels, running statistics."""
    model.train()
    for parameter in [*model.trunk._conv_stem.parameters(), *model.trunk._bn0.parameters()]:
        parameter.requires_grad_(False)
    for index, block in enumerate(model.trunk._blocks):
        block._depthwise_conv.weight.requires_grad_(False)
        if index < model.frozen_blocks:
            for parameter in block.parameters():
                parameter.requires_grad_(False)
        else:
            block._depthwise_conv.__class__ = _FullPrecisionConv
    for module in model.trunk.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    return model

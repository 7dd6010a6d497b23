"""The reference way, to be timed: `python reference.py --frames DIR [--boxes N] [--repeat N]`; one line of JSON on stdout.

A Raspberry Pi fridge as the published parts make one: Pillow decodes, RT-DETRv2-r18 (transformers, PyTorch, 640 x 640)
detects, DeepSORT's own network (2.8 million weights, 128 x 64 a box) gives each box its vector, DeepSORT in Python tracks.
Weights are random, which changes no time: the network's N best boxes are tracked, whatever they are, as many as the other
side has. One thread. Frames are the JPEGs of DIR in order of name, the first is run once more before the clock starts.
Called by scripts/vision-bench.ts; needs requirements.txt beside this file.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from transformers import RTDetrImageProcessor, RTDetrResNetConfig, RTDetrV2Config, RTDetrV2ForObjectDetection

from reference_tracker import Tracker

LOOK_SIZE = (64, 128)  # width, height of a box as DeepSORT's network sees it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--boxes", type=int, default=10)
    parser.add_argument("--repeat", type=int, default=1, help="how often the frames are gone through")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    frames = [path.read_bytes() for path in sorted(args.frames.glob("*.jpg"))]
    if not frames:
        raise SystemExit(f"{args.frames} holds no .jpg")
    way = Way(args.boxes)
    way.frame(frames[0])
    way.tracker = Tracker()
    before = time.process_time()
    taken = [way.frame(frame) for _ in range(args.repeat) for frame in frames]
    parts = {part: [times[part] for _, times in taken] for part in taken[0][1]}
    told = {
        "torch": torch.__version__,
        "framesMs": [wall for wall, _ in taken],
        "partsCpuMs": {part: float(np.median(times)) for part, times in parts.items()},
        "cpuMsPerFrame": 1000 * (time.process_time() - before) / len(taken),
        "rssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


class Way:
    """Frame to tracked detections."""

    def __init__(self, boxes: int):
        self.boxes = boxes
        self.processor = RTDetrImageProcessor()
        self.detector = RTDetrV2ForObjectDetection(r18()).eval()
        self.looker = Looker().eval()
        self.tracker = Tracker()

    @torch.inference_mode()
    def frame(self, jpeg: bytes) -> tuple[float, dict[str, float]]:
        """Milliseconds on the wall, and of CPU in each part."""
        started = time.perf_counter()
        clock = [time.process_time()]
        picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
        clock.append(time.process_time())
        pixels = self.processor(images=picture, return_tensors="pt")["pixel_values"]
        answer = self.processor.post_process_object_detection(self.detector(pixels), threshold=0.0, target_sizes=[picture.size[::-1]])[0]
        boxes = answer["boxes"][: self.boxes].numpy()
        # Random weights make boxes of any shape; a box needs an area to be followed.
        boxes[:, :2] = np.clip(boxes[:, :2], 0, np.array(picture.size) - 16)
        boxes[:, 2:] = np.clip(np.maximum(boxes[:, 2:], boxes[:, :2] + 16), 0, picture.size)
        clock.append(time.process_time())
        cuts = [np.asarray(picture.crop(tuple(box)).resize(LOOK_SIZE, Image.Resampling.BILINEAR), np.float32) for box in boxes]
        looks = self.looker(torch.from_numpy(np.stack(cuts)).permute(0, 3, 1, 2)).numpy()
        clock.append(time.process_time())
        self.tracker.step(boxes, looks)
        clock.append(time.process_time())
        spans = 1000 * np.diff(clock)
        return 1000 * (time.perf_counter() - started), dict(zip(("decode", "detect", "look", "track"), map(float, spans)))


def r18() -> RTDetrV2Config:
    """RT-DETRv2-r18vd as published (80 classes, 300 queries, 3 decoder layers)."""
    backbone = RTDetrResNetConfig(hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], layer_type="basic", out_features=["stage2", "stage3", "stage4"])
    return RTDetrV2Config(
        backbone_config=backbone, encoder_in_channels=[128, 256, 512], hidden_expansion=0.5, decoder_layers=3, num_queries=300,
        num_denoising=0, num_labels=80, anchor_image_size=[640, 640],
    )


class Looker(nn.Module):
    """DeepSORT's re-identification network: two convolutions, a pooling, six residual blocks, one dense layer to 128."""

    def __init__(self) -> None:
        super().__init__()
        widths = [(32, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 128, 1)]
        self.maps = nn.Sequential(_step(3, 32), _step(32, 32), nn.MaxPool2d(3, 2, 1), *(_Residual(*width) for width in widths))
        self.dense = nn.Linear(128 * 16 * 8, 128)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return nn.functional.normalize(self.dense(self.maps(pixels).flatten(1)), dim=1)


class _Residual(nn.Module):
    def __init__(self, before: int, after: int, stride: int):
        super().__init__()
        self.steps = nn.Sequential(_step(before, after, stride), nn.Conv2d(after, after, 3, padding=1))
        self.beside = nn.Identity() if stride == 1 else nn.Conv2d(before, after, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.elu(self.beside(x) + self.steps(x))


def _step(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ELU())


if __name__ == "__main__":
    main()

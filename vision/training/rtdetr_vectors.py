"""Vectors that hold vision/detect/rtdetr.ts to RT-DETR's own code: `python rtdetr_vectors.py --reference DIR --out OUT`.

Tiny RT-DETR and RT-DETRv2 networks with random weights, built by the two implementations that people export from, each
run by itself in PyTorch on a drawn picture, and exported as each exports: `transformers` (pixel_values -> logits,
pred_boxes) and the authors' repository (images, orig_target_sizes -> labels, boxes, scores; DIR is its folder
rtdetrv2_pytorch, Apache-2.0, nothing of it is copied). Needs requirements-rtdetr.txt besides requirements.txt.
OUT is ../../test/vectors/vision/rtdetr. test/unit/vision/rtdetr.test.ts runs the same files on the same picture and compares.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
import torchvision.transforms as transforms
from PIL import Image
from torch import nn
from transformers import RTDetrConfig, RTDetrForObjectDetection, RTDetrImageProcessor, RTDetrResNetConfig, RTDetrV2Config, RTDetrV2ForObjectDetection

import packshots
import scenes

SIDE = 640
QUERIES, CLASSES, HIDDEN, FEATURES = 40, 5, 8, (8, 8, 8)
PICTURE_SIZE = (900, 480)  # wider than the input and lower: one axis shrinks and the other grows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, required=True, help="rtdetrv2_pytorch of the authors' repository")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(7)
    args.out.mkdir(parents=True, exist_ok=True)
    drawn(np.random.default_rng(23)).save(args.out / "shelf.jpg", quality=88)
    with Image.open(args.out / "shelf.jpg") as file:
        picture = file.convert("RGB")
    vectors = [
        of_transformers("rtdetr", RTDetrForObjectDetection(tiny_config(RTDetrConfig)), picture, args.out),
        of_transformers("rtdetrv2", RTDetrV2ForObjectDetection(tiny_config(RTDetrV2Config)), picture, args.out),
        of_authors("rtdetrv2-deploy", args.reference, picture, args.out),
    ]
    resized = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    told_all = {"picture": "shelf.jpg", "resizedSha256": hashlib.sha256(resized.tobytes()).hexdigest(), "vectors": vectors}
    (args.out / "answers.json").write_text(json.dumps(told_all) + "\n")
    print(f"wrote {len(vectors)} networks and their answers")


def drawn(rng: np.random.Generator) -> Image.Image:
    """Invented products in a row before an invented shelf."""
    shelf = packshots.family(31, 1, [])[0].faces[0].resize(PICTURE_SIZE)
    for place in range(4):
        product = packshots.family(40 + place, 1, [])[0]
        left, top = 30 + place * 215, int(rng.integers(10, 220))
        spot = shelf.crop((left, top, left + 240, top + 240))
        shelf.paste(scenes.held(packshots.view(product, rng, 240, False), spot, rng).convert("RGB"), (left, top))
    return shelf


def tiny_config(kind: type) -> RTDetrConfig | RTDetrV2Config:
    backbone = RTDetrResNetConfig(embedding_size=8, hidden_sizes=[8, *FEATURES], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage2", "stage3", "stage4"])
    return kind(
        backbone_config=backbone, encoder_in_channels=list(FEATURES), encoder_hidden_dim=HIDDEN, encoder_ffn_dim=32, encoder_attention_heads=2,
        d_model=HIDDEN, decoder_in_channels=[HIDDEN] * 3, decoder_ffn_dim=32, decoder_attention_heads=2, decoder_layers=2, hidden_expansion=0.5,
        num_queries=QUERIES, num_denoising=0, num_labels=CLASSES,
    )


def of_transformers(name: str, model: nn.Module, picture: Image.Image, out: Path) -> dict:
    processor = RTDetrImageProcessor()
    pixels = processor(images=picture, return_tensors="pt")["pixel_values"]
    stirred(model, pixels)
    with torch.no_grad():
        found = model(pixels)
    answer = processor.post_process_object_detection(found, threshold=0.0, target_sizes=[picture.size[::-1]])[0]

    class Exported(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            given = self.model(pixel_values)
            return given.logits, given.pred_boxes

    torch.onnx.export(
        Exported(), (pixels,), str(out / f"{name}.onnx"), opset_version=16, dynamo=False,
        input_names=["pixel_values"], output_names=["logits", "pred_boxes"], dynamic_axes={"pixel_values": {0: "batch"}},
    )
    return told(name, out, answer["labels"], answer["scores"], answer["boxes"])


def of_authors(name: str, reference: Path, picture: Image.Image, out: Path) -> dict:
    sys.path.insert(0, str(reference))
    from src.zoo.rtdetr.hybrid_encoder import HybridEncoder
    from src.zoo.rtdetr.rtdetr import RTDETR
    from src.zoo.rtdetr.rtdetr_postprocessor import RTDETRPostProcessor
    from src.zoo.rtdetr.rtdetrv2_decoder import RTDETRTransformerv2

    encoder = HybridEncoder(in_channels=list(FEATURES), hidden_dim=HIDDEN, nhead=2, dim_feedforward=32, expansion=0.5, eval_spatial_size=[SIDE, SIDE])
    decoder = RTDETRTransformerv2(
        num_classes=CLASSES, hidden_dim=HIDDEN, num_queries=QUERIES, feat_channels=[HIDDEN] * 3, nhead=2, num_layers=2,
        dim_feedforward=32, num_denoising=0, eval_spatial_size=[SIDE, SIDE],
    )
    model = RTDETR(Strides(), encoder, decoder)
    # As references/deploy/rtdetrv2_onnxruntime.py reads a picture.
    pixels = transforms.Compose([transforms.Resize((SIDE, SIDE)), transforms.ToTensor()])(picture)[None]
    stirred(model, pixels)

    class Exported(nn.Module):  # as tools/export_onnx.py
        def __init__(self) -> None:
            super().__init__()
            self.model = model.deploy()
            self.postprocessor = RTDETRPostProcessor(num_classes=CLASSES, num_top_queries=QUERIES).deploy()

        def forward(self, images: torch.Tensor, orig_target_sizes: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return self.postprocessor(self.model(images), orig_target_sizes)

    exported, size = Exported(), torch.tensor([picture.size])
    with torch.no_grad():
        labels, boxes, scores = exported(pixels, size)
    torch.onnx.export(
        exported, (pixels, size), str(out / f"{name}.onnx"), opset_version=16, dynamo=False,
        input_names=["images", "orig_target_sizes"], output_names=["labels", "boxes", "scores"],
        dynamic_axes={"images": {0: "N"}, "orig_target_sizes": {0: "N"}},
    )
    return told(name, out, labels[0], scores[0], boxes[0])


class Strides(nn.Module):
    """A backbone of almost nothing: maps at strides 8, 16 and 32. The authors' own begins at 11 million weights."""

    def __init__(self) -> None:
        super().__init__()
        widths = (8, 8, *FEATURES)
        self.steps = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(a, b, 3, stride=2, padding=1), nn.BatchNorm2d(b), nn.ReLU()) for a, b in zip((3, *widths), widths)]
        )

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        maps = []
        for step in self.steps:
            x = step(x)
            maps.append(x)
        return maps[2:]


def stirred(model: nn.Module, pixels: torch.Tensor) -> None:
    """Random weights of a size at which the picture matters: fresh ones answer 0.01 with the same box to everything.
    Normalisations take their statistics from the picture, and heads are set to divide what they see, as training would
    have done."""
    model.eval()
    generator = torch.Generator().manual_seed(7)

    def settle(module: nn.Module, given: tuple[torch.Tensor]) -> None:
        module.running_mean.copy_(given[0].mean((0, 2, 3)))
        module.running_var.copy_(given[0].var((0, 2, 3)) + 1e-3)

    def divide(head: nn.Linear, given: tuple[torch.Tensor], logits: torch.Tensor) -> torch.Tensor:
        head.bias -= logits.mean((0, 1))
        head.weight *= (spread := 1.5 / logits.std((0, 1)))[:, None]
        head.bias *= spread
        return given[0] @ head.weight.T + head.bias

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                # Boxes tamer than the rest: at the edge of what they can be, float32 itself is no longer sure to 1e-3.
                spread = 0.6 if "bbox" in name else 1.4
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * spread / parameter[0].numel() ** 0.5)
        hooks = [module.register_forward_pre_hook(settle) for module in model.modules() if hasattr(module, "running_mean")]
        heads = [module for name, module in model.named_modules() if isinstance(module, nn.Linear) and ("class" in name or "score" in name)]
        hooks += [head.register_forward_hook(divide) for head in heads]
        model(pixels)
    for hook in hooks:
        hook.remove()


def shortened(file: Path) -> None:
    """The same graph with short names inside: of so small a network they would be the greater part."""
    model = onnx.load(file)
    kept = {value.name for value in [*model.graph.input, *model.graph.output]}
    short: dict[str, str] = {"": ""}

    def named(name: str) -> str:
        return name if name in kept else short.setdefault(name, f"v{len(short)}")

    for tensor in model.graph.initializer:
        tensor.name = named(tensor.name)
    for node in model.graph.node:
        node.name = ""
        for names in (node.input, node.output):
            names[:] = [named(name) for name in names]
        assert all(attribute.type != onnx.AttributeProto.GRAPH for attribute in node.attribute)
    del model.graph.value_info[:]
    onnx.save(model, file)


def told(name: str, out: Path, labels: torch.Tensor, scores: torch.Tensor, boxes: torch.Tensor) -> dict:
    file = out / f"{name}.onnx"
    shortened(file)
    print(f"{name}: {file.stat().st_size} bytes; scores {scores.min():.3f} to {scores.max():.3f}; labels {sorted(set(labels.tolist()))}")
    return {
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "labels": labels.tolist(),
        "scores": [round(score, 6) for score in scores.tolist()],
        "boxes": [[round(edge, 4) for edge in box] for box in boxes.tolist()],
    }


if __name__ == "__main__":
    main()

"""Draws the labels that fridge_scene.py wraps round its products: `python fridge_labels.py --seed N --families 12 --out DIR`.

One folder a product: front.png, side.png, back.png, left.png, wrap.png, drawn by packshots.py, or, for a share of them, cut
from the middle of photographs (--photographs DIR, a GroceryStoreDataset folder; --split says which of them). Kept apart from
the scene, since Blender's own Python has no PIL.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import grocery
import packshots

PHOTOGRAPHED = 0.3  # of the products, where photographs are given


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--families", type=int, default=12)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photographs")
    parser.add_argument("--split", choices=("train", "val", "test"), default="train")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    photographs = grocery.pictures(grocery.folder_from(args.photographs)) if args.photographs else []
    photographs = [one for one in photographs if one.split == args.split]
    for index in range(args.families):
        for twin, product in enumerate(packshots.family((args.seed << 20) + index, 2, [])):
            if photographs and rng.random() < PHOTOGRAPHED:
                faces = [_cut(photographs[int(rng.integers(len(photographs)))].path, rng) for _ in range(4)]
            else:
                faces = _drawn(product)
            folder = args.out / f"{index:03d}-{twin}"
            folder.mkdir(parents=True, exist_ok=True)
            for name, face in zip(("front", "side", "back", "left"), faces):
                face.save(folder / f"{name}.png")
            strip = Image.new("RGB", (faces[0].width * 3, faces[0].height))
            for place, face in enumerate(faces[:3]):
                strip.paste(face, (face.width * place, 0))
            strip.save(folder / "wrap.png")


def _drawn(product: packshots.Product) -> list[Image.Image]:
    if len(product.faces) > 1:
        return list(product.faces)
    wrap = product.faces[0]
    third = wrap.width // 3
    return [wrap.crop((third * (n % 3), 0, third * (n % 3 + 1), wrap.height)) for n in range(4)]


def _cut(path: Path, rng: np.random.Generator) -> Image.Image:
    """The middle of a photograph, which shows print or peel and hardly any shop, made upright like a face."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    side = int(min(picture.size) * rng.uniform(0.3, 0.6))
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left + side // 8, top, left + side - side // 8, top + side)).resize((192, 256))


if __name__ == "__main__":
    main()

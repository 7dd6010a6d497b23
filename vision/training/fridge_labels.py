"""Draws the labels that fridge_scene.py wraps round its products: `python fridge_labels.py --seed N --families 12 --out DIR`.

One folder a product: front.png, side.png, back.png, left.png, wrap.png, all drawn by packshots.py. Kept apart from the
scene, since Blender's own Python has no PIL.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import packshots


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--families", type=int, default=12)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for index in range(args.families):
        for twin, product in enumerate(packshots.family((args.seed << 20) + index, 2, [])):
            folder = args.out / f"{index:03d}-{twin}"
            folder.mkdir(parents=True, exist_ok=True)
            if len(product.faces) == 1:
                wrap = product.faces[0]
                third = wrap.width // 3
                faces = [wrap.crop((third * (n % 3), 0, third * (n % 3 + 1), wrap.height)) for n in range(4)]
            else:
                faces = list(product.faces)
            for name, face in zip(("front", "side", "back", "left"), faces):
                face.save(folder / f"{name}.png")
            strip = packshots.Image.new("RGB", (faces[0].width * 3, faces[0].height))
            for place, face in enumerate(faces[:3]):
                strip.paste(face, (face.width * place, 0))
            strip.save(folder / "wrap.png")


if __name__ == "__main__":
    main()

"""Vectors that hold TypeScript to Python: `python parity.py --onnx ../models/embedder.onnx --out ../../test/vectors/vision`.

Draws two invented pictures, a held product (not square) and a studio one, embeds them as measure.py does, and writes
pictures and embeddings. test/unit/vision/parity.test.ts embeds the same files through vision/embed and compares.
"""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path

import numpy as np
from PIL import Image

import packshots
import scenes
from grocery import Picture
from views import VIEW_SHARES, embedded, exported


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rng = np.random.default_rng(11)
    product = packshots.family(11, 1, [])[0]
    shelf = packshots.family(12, 1, [])[0].faces[0].resize((240, 240))
    drawn = {
        "parity-held.png": scenes.held(packshots.view(product, rng, 240, False), shelf, rng).convert("RGB").crop((0, 20, 240, 220)),
        "parity-studio.png": _on_tall_white(packshots.view(product, rng, 240, True)),
    }
    vectors = []
    for name, picture in drawn.items():
        picture.save(args.out / name)
        shown = Picture(args.out / name, "invented", "packaged", "test")
        embedding = embedded(exported(args.onnx), [shown], VIEW_SHARES)[0].astype("<f4")
        vectors.append({"picture": name, "embedding": base64.b64encode(embedding.tobytes()).decode()})
    (args.out / "parity.json").write_text(json.dumps(vectors, indent=2) + "\n")
    print(f"wrote {len(vectors)} vectors")


def _on_tall_white(product: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (300, 360), (255, 255, 255))
    sheet.paste(scenes.on_white(product).convert("RGB"), (30, 60))
    return sheet


if __name__ == "__main__":
    main()

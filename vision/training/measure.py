"""Measures trained folds: `python measure.py --onnx-a A/embedder.onnx [--onnx-b B/embedder.onnx] --out DIR [--data DIR]`.

Each fold's exported model is asked about the packaged products it was not trained on. Prints the figures of protocol.py
with the held-out products alone in the gallery, and among all packaged ones; writes them to figures.json, and the
embeddings to embeddings-FOLD.npz for calibrate.py. A fold that is not given is left out and not made up.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np

import grocery
import protocol
from views import VIEW_SHARES, embedded, exported


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of photographs (else GROCERY_DIR)")
    parser.add_argument("--onnx-a", type=Path)
    parser.add_argument("--onnx-b", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    pictures = [p for p in grocery.pictures(grocery.folder_from(args.data)) if p.kind == "packaged"]
    everything = {picture.label for picture in pictures}
    told = {}
    for fold, path in (("a", args.onnx_a), ("b", args.onnx_b)):
        if path is None:
            continue
        judged = protocol.held_out(pictures, fold)
        embeddings = embedded(exported(path), pictures, VIEW_SHARES)
        np.savez(
            args.out / f"embeddings-{fold}.npz",
            embeddings=embeddings,
            labels=[picture.label for picture in pictures],
            splits=[picture.split for picture in pictures],
            judged=sorted(judged),
        )
        for among, gallery in (("alone", judged), ("among all", everything)):
            found = protocol.figures(embeddings, pictures, judged, gallery)
            told[f"fold {fold}, {among}"] = dataclasses.asdict(found)
            print(f"fold {fold}, {among}: {found.line()}", flush=True)
    (args.out / "figures.json").write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()

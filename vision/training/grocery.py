"""The photographs we learn from: an index of a GroceryStoreDataset-shaped folder.

The folder is named by the caller (argument or GROCERY_DIR), never by us, and nothing of it is copied into the project.
Holds always: one Picture per file that exists; a missing index or picture is an error that names it. The split is kept
because gallery pictures are taken from `train` and queries from `val` and `test`: pictures of one split were taken in
one go, so a neighbour of a gallery picture would be too easy a query.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Picture:
    path: Path
    label: str  # the product's name, e.g. Bravo-Apple-Juice
    kind: str  # packaged | produce
    split: str  # train | val | test | studio


class BadData(Exception):
    """The photographs are not where, or not what, they were said to be."""


def folder_from(argument: str | None) -> Path:
    """The data folder: the argument, else GROCERY_DIR. Raises BadData when neither names a data set."""
    named = argument or os.environ.get("GROCERY_DIR")
    if not named:
        raise BadData("name the folder of photographs: --data DIR, or GROCERY_DIR in the environment")
    root = Path(named)
    if not (root / "train.csv").is_file():
        raise BadData(f"{root} holds no train.csv: it is not a GroceryStoreDataset folder")
    return root


def pictures(root: Path) -> list[Picture]:
    """All pictures under `root`, photographs by split and then the studio pictures, in a fixed order."""
    found: list[Picture] = []
    for split in ("train", "val", "test"):
        with open(root / f"{split}.csv", newline="") as file:
            for row in csv.DictReader(file):
                path = root / row["path"]
                if not path.is_file():
                    raise BadData(f"{split}.csv names {row['path']}, which is not there")
                found.append(Picture(path, row["name"], _kind(row["path"]), split))
    known = {picture.label for picture in found}
    for path in sorted((root / "iconic-images-and-descriptions").rglob("*.jpg")):
        if path.parent.name in known:
            found.append(Picture(path, path.parent.name, _kind(str(path.relative_to(root))), "studio"))
    return found


def _kind(path: str) -> str:
    return "packaged" if "/Packages/" in path else "produce"

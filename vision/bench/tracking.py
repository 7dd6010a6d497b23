"""HOTA, MOTA and IDF1 by TrackEval: `python tracking.py DIR`, where DIR is what scripts/track-bench.ts --out wrote.

Needs ../training/requirements-tracking.txt. Three judgements: all products, which mostly stand; the products that are
carried at some time of the film, where boxes of the tracker that lie on the others are neither right nor wrong (as
MOTChallenge treats distractors); and hands. TrackEval computes, this file only sorts boxes into what it wants to be given.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from pathlib import Path

import numpy as np

with contextlib.redirect_stdout(io.StringIO()):  # it complains of data sets that are not asked for
    from trackeval.metrics import CLEAR, HOTA, Identity


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (left, top, right, bottom): len(a) x len(b)."""
    if len(a) == 0 or len(b) == 0:
        return np.zeros((len(a), len(b)))
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(2)
    area = lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return shared / (area(a)[:, None] + area(b)[None, :] - shared)


def boxes(rows: list[dict]) -> np.ndarray:
    return np.array([[r["box"]["left"], r["box"]["top"], r["box"]["left"] + r["box"]["width"], r["box"]["top"] + r["box"]["height"]] for r in rows]).reshape(-1, 4)


def sequence(frames: list[dict], kind: str, carried_only: bool) -> dict:
    """One film as TrackEval's metrics take it: ids counted from 0, and how alike boxes are in each frame."""
    truth_ids: dict[int, int] = {}
    track_ids: dict[int, int] = {}
    gt, tracked, alike = [], [], []
    for frame in frames:
        wanted = [r for r in frame["truth"] if r["kind"] == kind and (r["moved"] or not carried_only)]
        others = [r for r in frame["truth"] if r["kind"] == kind and carried_only and not r["moved"]]
        found = [r for r in frame["tracks"] if r["kind"] == kind]
        if others and found:
            on_others, on_wanted = overlaps(boxes(others), boxes(found)).max(0), np.zeros(len(found))
            if wanted:
                on_wanted = overlaps(boxes(wanted), boxes(found)).max(0)
            found = [r for r, other, own in zip(found, on_others, on_wanted) if other < 0.5 or own >= 0.5]
        gt.append(np.array([truth_ids.setdefault(r["id"], len(truth_ids)) for r in wanted], int))
        tracked.append(np.array([track_ids.setdefault(r["id"], len(track_ids)) for r in found], int))
        alike.append(overlaps(boxes(wanted), boxes(found)))
    return {
        "num_timesteps": len(frames),
        "num_gt_ids": len(truth_ids),
        "num_tracker_ids": len(track_ids),
        "num_gt_dets": sum(map(len, gt)),
        "num_tracker_dets": sum(map(len, tracked)),
        "gt_ids": gt,
        "tracker_ids": tracked,
        "similarity_scores": alike,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", type=Path)
    args = parser.parse_args()
    films = {path.stem: json.loads(path.read_text()) for path in sorted(args.films.glob("*.json"))}
    if not films:
        raise SystemExit(f"{args.films} holds no films: run scripts/track-bench.ts --out {args.films} first")
    quiet = {"PRINT_CONFIG": False}
    for name, kind, carried_only in (("all products", "product", False), ("carried products", "product", True), ("hands", "hand", False)):
        results = {}
        for metric in (HOTA(), CLEAR(quiet), Identity(quiet)):
            per_film = {film: metric.eval_sequence(sequence(frames, kind, carried_only)) for film, frames in films.items()}
            results |= metric.combine_sequences(per_film)
        print(
            f"{name:17} HOTA {results['HOTA'].mean():.3f}  MOTA {results['MOTA']:.3f}  IDF1 {results['IDF1']:.3f}"
            f"  id switches {int(results['IDSW'])} of {int(results['CLR_TP'])} boxes in {len(films)} films"
        )


if __name__ == "__main__":
    main()

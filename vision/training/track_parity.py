"""Vectors that hold the tracker to the references: `python track_parity.py --deep-sort DIR --bytetrack DIR --out ../../test/vectors/vision`.

DIR are checkouts of github.com/nwojke/deep_sort (f08cf1d) and github.com/ifzhang/ByteTrack (d1bf019), which are run as
they are; no line of theirs is part of the project. Sequences of detections are invented from a seed and recorded with what
the references made of them, frame by frame: id, state, misses and box of every track. Needs requirements-tracking.txt.
test/unit/vision/track/parity.test.ts puts the same detections through vision/track and compares.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import json
import sys
import types
from pathlib import Path

import numpy as np

LOOK = 8  # numbers of a vector here; the tracker takes any length


def invented(rng: np.random.Generator, frames: int, things: int, swift: float, missed: float, false: float, unsure: float) -> list[list[dict]]:
    """Things that cross a picture of 640 x 360, some hidden for a while, as a poor detector tells of them."""
    looks = rng.normal(size=(things, LOOK))
    place = rng.uniform([40, 40], [600, 320], (things, 2))
    speed = rng.normal(size=(things, 2)) * swift
    tall = rng.uniform(30, 90, things)
    aspect = rng.uniform(0.4, 1.2, things)
    hidden = rng.integers(0, frames, things)
    sequence = []
    for frame in range(frames):
        place += speed
        speed = np.where((place < 20) | (place > [620, 340]), -speed, speed)
        told = []
        for thing in range(things):
            behind = 0 <= frame - hidden[thing] < 6
            if rng.random() < missed or (behind and rng.random() < 0.8):
                continue
            h = tall[thing] * np.exp(rng.normal() * 0.03)
            w = h * aspect[thing] * np.exp(rng.normal() * 0.03)
            x, y = place[thing] + rng.normal(size=2) * 1.2
            score = rng.uniform(0.12, 0.58) if rng.random() < unsure or behind else rng.uniform(0.62, 0.99)
            told.append(detection(x - w / 2, y - h / 2, w, h, score, looks[thing] + rng.normal(size=LOOK) * 0.15))
        for _ in range(rng.poisson(false)):
            w, h = rng.uniform(20, 90, 2)
            told.append(detection(rng.uniform(0, 600), rng.uniform(0, 320), w, h, rng.uniform(0.12, 0.8), rng.normal(size=LOOK)))
        sequence.append([told[k] for k in rng.permutation(len(told))])
    return sequence


def detection(left: float, top: float, width: float, height: float, score: float, look: np.ndarray) -> dict:
    unit = (look / np.linalg.norm(look)).astype("<f4")
    box = [round(float(v), 2) for v in (left, top, width, height)]
    return {"box": box, "score": round(float(score), 3), "vector": base64.b64encode(unit.tobytes()).decode()}


def look_of(told: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(told["vector"]), "<f4")


def deep_sort(checkout: Path) -> types.SimpleNamespace:
    sys.path.insert(0, str(checkout))
    names = ("tracker", "nn_matching", "detection")
    return types.SimpleNamespace(**{name: importlib.import_module(f"deep_sort.{name}") for name in names})


def byte_matching(checkout: Path) -> types.ModuleType:
    """ByteTrack's matching.py without the rest of its package: it asks for OpenCV, which it does not use, and numpy.float."""
    np.float = float  # type: ignore[attr-defined]
    sys.modules.setdefault("cv2", types.ModuleType("cv2"))
    package = types.ModuleType("yolox")
    package.__path__ = [str(checkout / "yolox")]  # type: ignore[attr-defined]
    sys.modules["yolox"] = package
    return importlib.import_module("yolox.tracker.matching")


def with_second_pass(reference: types.SimpleNamespace, matching: types.ModuleType, threshold: float):
    """DeepSORT's tracker, then ByteTrack's second association, with its functions and numbers, on what it left."""

    class Both(reference.tracker.Tracker):
        def _match(self, detections):
            sure = [d for d in detections if d.confidence >= threshold]
            assert detections[: len(sure)] == sure, "sure detections come first"
            matches, missed, left = super()._match(sure)
            unsure = detections[len(sure) :]
            just_seen = [k for k in missed if self.tracks[k].is_confirmed() and self.tracks[k].time_since_update == 1]
            distances = matching.iou_distance(
                [np.ascontiguousarray(self.tracks[k].to_tlbr()) for k in just_seen], [np.ascontiguousarray(d.to_tlbr()) for d in unsure]
            )
            pairs, _, _ = matching.linear_assignment(distances, thresh=0.5)
            for row, column in pairs:
                k = just_seen[row]
                # An unsure look teaches nothing: the track is given the last it knows, once more.
                unsure[column].feature = self.metric.samples[self.tracks[k].track_id][-1]
                matches.append((k, len(sure) + column))
                missed.remove(k)
            return matches, missed, left

    return Both


def tracked(reference: types.SimpleNamespace, tracker, sequence: list[list[dict]], threshold: float, second: bool) -> list[list[list[float]]]:
    frames = []
    for told in sequence:
        known = [reference.detection.Detection(d["box"], d["score"], look_of(d)) for d in told if d["score"] >= threshold]
        if second:
            known += [reference.detection.Detection(d["box"], d["score"], look_of(d)) for d in told if 0.1 < d["score"] < threshold]
        tracker.predict()
        tracker.update(known)
        frames.append(
            [[t.track_id, int(t.is_confirmed()), t.time_since_update, *(round(float(v), 5) for v in t.to_tlwh())] for t in tracker.tracks]
        )
    return frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deep-sort", type=Path, required=True)
    parser.add_argument("--bytetrack", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    reference = deep_sort(args.deep_sort)
    both = with_second_pass(reference, byte_matching(args.bytetrack), 0.6)
    plain = reference.tracker.Tracker
    # name, seed, sequence, tracker, score from, looks remembered
    cases = [
        ("crowd", 1, dict(frames=70, things=9, swift=2.0, missed=0.12, false=0.5, unsure=0.1), plain, 0.3, None),
        ("swift", 2, dict(frames=60, things=7, swift=6.0, missed=0.05, false=0.3, unsure=0.1), plain, 0.3, 3),
        ("bytes", 3, dict(frames=80, things=9, swift=2.0, missed=0.05, false=0.5, unsure=0.3), both, 0.6, None),
    ]
    for name, seed, shape, tracker, threshold, budget in cases:
        sequence = invented(np.random.default_rng(seed), **shape)
        metric = reference.nn_matching.NearestNeighborDistanceMetric("cosine", 0.2, budget)
        frames = tracked(reference, tracker(metric), sequence, threshold, tracker is both)
        vector = {"scoreFrom": threshold, "mostLooks": budget, "second": tracker is both, "detections": sequence, "tracks": frames}
        (args.out / f"track-{name}.json").write_text(json.dumps(vector, separators=(",", ":")) + "\n")
        print(f"{name}: {len(sequence)} frames, {max((t[0] for f in frames for t in f), default=0)} ids")


if __name__ == "__main__":
    main()

"""DeepSORT in Python, as the reference way has it: Kalman filter, appearance gallery, matching cascade, Hungarian.

Written after N. Wojke, A. Bewley, D. Paulus, "Simple online and realtime tracking with a deep association metric" (ICIP
2017) with the numbers of its published code, on numpy and scipy as that code is. It is here to be timed; the tracker of
vision/track is held to the published code itself by vision/training/track_parity.py. Used by reference.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import linear_sum_assignment

GATE, MOST_COSINE, MOST_OVERLAP_DISTANCE = 9.4877, 0.2, 0.7
CONFIRM_AFTER, MOST_AGE, MOST_LOOKS = 3, 30, 100
POSITION, VELOCITY = 1 / 20, 1 / 160
FORBIDDEN = 1e5


@dataclass
class Track:
    id: int
    mean: np.ndarray  # middle x and y, aspect, height, and their speeds
    covariance: np.ndarray
    looks: list[np.ndarray] = field(default_factory=list)
    hits: int = 1
    misses: int = 0
    confirmed: bool = False


class Tracker:
    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._next = 1

    def step(self, boxes: np.ndarray, looks: np.ndarray) -> list[Track]:
        """One frame: `boxes` (left, top, right, bottom) and their unit vectors. Gives the believed tracks seen now."""
        for track in self.tracks:
            _predict(track)
        measured = [_measured(box) for box in boxes]
        left = list(range(len(boxes)))
        confirmed = [track for track in self.tracks if track.confirmed]
        for age in sorted({track.misses for track in confirmed}):
            level = [track for track in confirmed if track.misses == age]
            left = self._match(level, left, _look_costs(level, left, measured, looks), MOST_COSINE, measured, looks)
        nearby = [track for track in self.tracks if not track.confirmed or track.misses == 1]
        left = self._match(nearby, left, _overlap_costs(nearby, left, boxes), MOST_OVERLAP_DISTANCE, measured, looks)
        self.tracks = [track for track in self.tracks if track.misses == 0 or (track.confirmed and track.misses <= MOST_AGE)]
        for index in left:
            self.tracks.append(_born(self._next, measured[index], looks[index]))
            self._next += 1
        return [track for track in self.tracks if track.confirmed and track.misses == 0]

    def _match(
        self, tracks: list[Track], left: list[int], costs: np.ndarray, limit: float, measured: list[np.ndarray], looks: np.ndarray
    ) -> list[int]:
        if not tracks or not left:
            return left
        costs = np.where(costs > limit, limit + 1e-5, costs)
        taken = set()
        for row, column in zip(*linear_sum_assignment(costs)):
            if costs[row, column] > limit:
                continue
            track, index = tracks[row], left[column]
            _correct(track, measured[index])
            track.looks = [*track.looks, looks[index]][-MOST_LOOKS:]
            track.hits, track.misses = track.hits + 1, 0
            track.confirmed = track.confirmed or track.hits >= CONFIRM_AFTER
            taken.add(index)
        return [index for index in left if index not in taken]


def _measured(box: np.ndarray) -> np.ndarray:
    left, top, right, bottom = box
    return np.array([(left + right) / 2, (top + bottom) / 2, (right - left) / (bottom - top), bottom - top])


def _born(number: int, measured: np.ndarray, look: np.ndarray) -> Track:
    h = measured[3]
    spread = np.array([2 * POSITION * h, 2 * POSITION * h, 1e-2, 2 * POSITION * h, 10 * VELOCITY * h, 10 * VELOCITY * h, 1e-5, 10 * VELOCITY * h])
    return Track(number, np.r_[measured, np.zeros(4)], np.diag(spread**2), [look])


MOVE = np.eye(8) + np.eye(8, k=4)
SEE = np.eye(4, 8)


def _predict(track: Track) -> None:
    h = track.mean[3]
    spread = np.array([POSITION * h, POSITION * h, 1e-2, POSITION * h, VELOCITY * h, VELOCITY * h, 1e-5, VELOCITY * h])
    track.mean = MOVE @ track.mean
    track.covariance = np.linalg.multi_dot((MOVE, track.covariance, MOVE.T)) + np.diag(spread**2)
    track.misses += 1


def _seen(track: Track) -> tuple[np.ndarray, np.ndarray]:
    h = track.mean[3]
    noise = np.diag(np.array([POSITION * h, POSITION * h, 1e-1, POSITION * h]) ** 2)
    return SEE @ track.mean, np.linalg.multi_dot((SEE, track.covariance, SEE.T)) + noise


def _correct(track: Track, measured: np.ndarray) -> None:
    mean, covariance = _seen(track)
    gain = cho_solve(cho_factor(covariance, lower=True, check_finite=False), (track.covariance @ SEE.T).T, check_finite=False).T
    track.mean = track.mean + gain @ (measured - mean)
    track.covariance = track.covariance - np.linalg.multi_dot((gain, covariance, gain.T))


def _look_costs(tracks: list[Track], left: list[int], measured: list[np.ndarray], looks: np.ndarray) -> np.ndarray:
    costs = np.full((len(tracks), len(left)), FORBIDDEN)
    if not left:
        return costs
    seen = np.array([measured[index] for index in left])
    for row, track in enumerate(tracks):
        costs[row] = 1 - (np.array(track.looks) @ looks[left].T).max(0)
        mean, covariance = _seen(track)
        whitened = solve_triangular(np.linalg.cholesky(covariance), (seen - mean).T, lower=True, check_finite=False)
        costs[row, (whitened**2).sum(0) > GATE] = FORBIDDEN
    return costs


def _overlap_costs(tracks: list[Track], left: list[int], boxes: np.ndarray) -> np.ndarray:
    costs = np.ones((len(tracks), len(left)))
    for row, track in enumerate(tracks):
        x, y, aspect, h = track.mean[:4]
        a = np.array([x - aspect * h / 2, y - h / 2, x + aspect * h / 2, y + h / 2])
        for column, index in enumerate(left):
            b = boxes[index]
            w, t = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
            if w > 0 and t > 0:
                costs[row, column] = 1 - w * t / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * t)
    return costs

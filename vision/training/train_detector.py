"""Trains the detector: `python train_detector.py --set DIR[=SHARE] ... --judge DIR ... --out DIR [--steps N]`.

Each --set is a folder of labelled pictures (fridge_scene.py's, or of the same shape) with its share of the batches; each
--judge a folder of pictures whose products and layouts no --set has, to watch while training. One process, one thread
unless told otherwise. Resumable: the same command goes on from the last checkpoint in --out. --toy takes few small steps
from a random start, for the rehearsal in tests: it shows that training runs, not that it is good.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from detection_scores import average_precision
from detections import judged
from detector import STRIDES, Detector, cell_centres, fresh, made_trainable
from detector_losses import losses
from fridge_pictures import COLUMNS, ROWS, Labelled, Pool, labelled
from memory import keep_memory

EMA = 0.998
BATCH = 8
JUDGED_WHILE_TRAINING = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", required=True, help="folder of pictures to learn from, DIR or DIR=SHARE")
    parser.add_argument("--judge", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the finished weights")
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--input", type=int, nargs=2, default=(ROWS, COLUMNS), metavar=("ROWS", "COLUMNS"), help="larger for the last steps")
    parser.add_argument("--measure-every", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--toy", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    keep_memory()
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    sets = [(float(share or 1), labelled(Path(folder))) for folder, _, share in (one.partition("=") for one in args.set)]
    held = [(folder.name, labelled(folder)) for folder in args.judge]
    for (_, pictures), name in zip([*sets, *((0, one) for _, one in held)], [*args.set, *args.judge]):
        print(f"{name}: {len(pictures)} pictures, {sum(int(p.visible.sum()) for p in pictures)} things that count", flush=True)

    training = Training(Pool(sets, args.seed, 2 if args.toy else BATCH, tuple(args.input)), args.steps, args.toy)
    checkpoint = args.out / "checkpoint-detector.pt"
    if checkpoint.is_file():
        training.restore(torch.load(checkpoint))
        print(f"going on from step {training.step}", flush=True)
    started, first = time.time(), training.step
    while training.step < args.steps:
        told = training.advance()
        if training.step % 25 == 0 or args.toy:
            rate = (training.step - first) / (time.time() - started)
            print(f"step {training.step} {told} {rate:.2f} steps/s", flush=True)
        if training.step % args.measure_every == 0 or training.step == args.steps:
            torch.save(training.state(), checkpoint)
            for name, pictures in held:
                few = pictures[:: max(1, len(pictures) // JUDGED_WHILE_TRAINING)]
                print(f"step {training.step} {name} {measured(training.averaged, few)}", flush=True)
    torch.save(training.averaged.state_dict(), args.out / "detector.pt")
    (args.out / "detector.json").write_text(json.dumps({key: str(value) for key, value in vars(args).items()}, indent=2))


class Training:
    """The model, the optimiser, and the average that is kept."""

    def __init__(self, pool: Pool, steps: int, toy: bool):
        self.narrow = not toy  # older releases of torch cannot go back through ReLU6 in bfloat16
        self.pool, self.steps, self.step = pool, steps, 0
        self.model = made_trainable(fresh(pretrained=not toy)).to(memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.model).eval()
        trunk = [p for name, p in self.model.named_parameters() if name.startswith("trunk.") and p.requires_grad]
        new = [p for name, p in self.model.named_parameters() if not name.startswith("trunk.")]
        self.optimiser = torch.optim.AdamW([{"params": trunk, "peak": 6e-4}, {"params": new, "peak": 2e-3}], weight_decay=0.03)
        rows, columns = pool.size
        self.centres = torch.cat([cell_centres(rows // s, columns // s, s, torch.zeros(0)) for s in STRIDES])

    def advance(self) -> str:
        pixels, truths = self.pool.at(self.step)
        for group in self.optimiser.param_groups:
            warm = min(1.0, (self.step + 1) / 60)
            group["lr"] = group["peak"] * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * self.step / self.steps)))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.narrow):
            logits, boxes = self.model(pixels.contiguous(memory_format=torch.channels_last))
        score, box = losses(logits, boxes, self.centres, truths)
        self.optimiser.zero_grad(set_to_none=True)
        (score + box).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
        self.optimiser.step()
        self.step += 1
        keep = min(EMA, self.step / (self.step + 10))
        with torch.no_grad():
            for averaged, live in zip(self.averaged.state_dict().values(), self.model.state_dict().values()):
                averaged.lerp_(live, 1 - keep) if averaged.is_floating_point() else averaged.copy_(live)
        return f"score {score.item():.3f} box {box.item():.3f}"

    def state(self) -> dict:
        return {"step": self.step, "model": self.model.state_dict(), "averaged": self.averaged.state_dict(), "optimiser": self.optimiser.state_dict()}

    def restore(self, state: dict) -> None:
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])


def measured(model: Detector, pictures: list[Labelled]) -> str:
    def run(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            logits, boxes = model(torch.from_numpy(values).contiguous(memory_format=torch.channels_last))
        return logits[0].sigmoid().numpy(), boxes[0].numpy()

    found = judged(run, pictures)
    return " ".join(f"{kind} AP50 {average_precision(one):.3f} AP75 {average_precision(one, 0.75):.3f}" for kind, one in found.items())


if __name__ == "__main__":
    main()

"""Trains the embedder: `python train_embedder.py --data DIR --fold a|b|none --out DIR`.

One process, one thread unless told otherwise; about 9 minutes of CPU a fold on one core of a 2023 server. Resumable: the
same command goes on from the last checkpoint in --out. `--fold none` trains on
everything for the shipped model; a and b hold products out and print the figures of protocol.py for them at the end.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

import grocery
import protocol
from batches import Batch, Pool
from embedder import DIMENSIONS, Embedder, fresh, made_trainable
from grocery import Picture
from memory import keep_memory
from projection import project
from views import embedded, trained

SCALE, MARGIN = 20.0, 0.15  # of the cosine softmax (CosFace, arXiv 1801.09414)
TEMPERATURE = 0.1  # of the contrastive loss (SupCon, arXiv 2004.11362)
EMA = 0.99
TOY_FAMILIES = 1  # of invented products


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of photographs (else GROCERY_DIR)")
    parser.add_argument("--fold", choices=("a", "b", "none"), required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the finished weights")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--toy", action="store_true", help="few small steps from a random start, for the rehearsal in tests")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    keep_memory()
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)

    pictures = grocery.pictures(grocery.folder_from(args.data))
    out_of_training = protocol.held_out(pictures, args.fold)
    learned = [p for p in pictures if p.label not in out_of_training]
    pool = Pool(learned, args.seed, *((TOY_FAMILIES,) if args.toy else ()))
    print(f"fold {args.fold}: {len(pool.packaged)} packaged, {len(pool.produce)} produce", flush=True)
    training = Training(pool, args.steps, args.toy)
    checkpoint = args.out / f"checkpoint-{args.fold}.pt"
    if checkpoint.is_file():
        training.restore(torch.load(checkpoint))
        print(f"going on from step {training.step}", flush=True)
    started, first = time.time(), training.step
    while training.step < args.steps:
        losses = training.advance()
        if training.step % 25 == 0 or args.toy:
            rate = (training.step - first) / (time.time() - started)
            print(f"step {training.step} {losses} {rate:.2f} steps/s", flush=True)
        if training.step % args.save_every == 0 or training.step == args.steps:
            torch.save(training.state(), checkpoint)
    project(training.averaged, pool, learned, *((TOY_FAMILIES,) if args.toy else ()))
    if out_of_training:
        print(f"fold {args.fold} {measured(training.averaged, pictures, out_of_training)}", flush=True)
    torch.save(training.averaged.state_dict(), args.out / f"embedder-{args.fold}.pt")
    (args.out / f"embedder-{args.fold}.json").write_text(json.dumps({key: str(value) for key, value in vars(args).items()}, indent=2))


class Training:
    """The model, its proxies (one a class, thrown away afterwards), the optimiser, and the average that is kept."""

    def __init__(self, pool: Pool, steps: int, toy: bool):
        self.pool, self.steps, self.step = pool, steps, 0
        self.narrow = not toy  # older releases of torch cannot go back through ReLU6 in bfloat16
        self.model = made_trainable(fresh(pretrained=not toy)).to(memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.model).eval()
        self.proxies = nn.Parameter(F.normalize(torch.randn(pool.classes, DIMENSIONS), dim=1))
        new = [p for name, p in self.model.named_parameters() if not name.startswith("trunk.")]
        old = [p for name, p in self.model.named_parameters() if name.startswith("trunk.") and p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            [{"params": old, "peak": 3e-4}, {"params": new, "peak": 1e-3}, {"params": [self.proxies], "peak": 1e-2, "weight_decay": 0.0}],
            weight_decay=0.02,
        )

    def advance(self) -> str:
        batch = self.pool.batch(self.step)
        for group in self.optimiser.param_groups:
            warm = min(1.0, (self.step + 1) / 50)
            group["lr"] = group["peak"] * warm * 0.5 * (1 + math.cos(math.pi * self.step / self.steps))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.narrow):
            embeddings, attention = self.model(batch.pixels.contiguous(memory_format=torch.channels_last))
        proxy, contrast, look = losses(embeddings.float(), attention, batch, self.proxies)
        self.optimiser.zero_grad(set_to_none=True)
        (0.5 * proxy + contrast + 0.5 * look).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.step += 1
        keep = min(EMA, self.step / (self.step + 10))
        with torch.no_grad():
            for averaged, live in zip(self.averaged.state_dict().values(), self.model.state_dict().values()):
                averaged.lerp_(live, 1 - keep) if averaged.is_floating_point() else averaged.copy_(live)
        return f"proxy {proxy.item():.3f} contrast {contrast.item():.3f} look {look.item():.3f}"

    def state(self) -> dict:
        return {"step": self.step, "model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
                "proxies": self.proxies.data, "optimiser": self.optimiser.state_dict()}

    def restore(self, state: dict) -> None:
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.proxies.data.copy_(state["proxies"])
        self.optimiser.load_state_dict(state["optimiser"])


def losses(embeddings: torch.Tensor, attention: torch.Tensor, batch: Batch, proxies: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    lasting = batch.classes < len(proxies)
    cosines = embeddings[lasting] @ F.normalize(proxies, dim=1).T
    wanted = batch.classes[lasting]
    proxy = F.cross_entropy(SCALE * (cosines - MARGIN * F.one_hot(wanted, len(proxies))), wanted)
    others = ~torch.eye(len(embeddings), dtype=torch.bool)
    alike = (batch.classes[:, None] == batch.classes[None]) & others
    logits = (embeddings @ embeddings.T / TEMPERATURE).masked_fill(~others, -1e9)
    contrast = -(logits.log_softmax(1) * alike).sum(1).div(alike.sum(1).clamp(min=1)).mean()
    known = batch.masks[:, 0, 0, 0] >= 0
    look = F.binary_cross_entropy_with_logits(attention[known], batch.masks[known]) if known.any() else attention.sum() * 0
    return proxy, contrast, look


def measured(model: Embedder, pictures: list[Picture], judged: set[str]) -> str:
    packaged = [p for p in pictures if p.kind == "packaged"]
    embeddings = embedded(trained(model), packaged)
    everything = {p.label for p in packaged}
    alone = protocol.figures(embeddings, packaged, judged, judged)
    among = protocol.figures(embeddings, packaged, judged, everything)
    return f"alone: {alone.line()} | among all: {among.line()}"


if __name__ == "__main__":
    main()

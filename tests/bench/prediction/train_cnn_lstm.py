"""Train the hybrid network (convolutions, then an LSTM) on a fleet's tables, and write its package.

``python -m tests.bench.prediction.train_cnn_lstm PLAN.toml --data FOLDER --out FOLDER [--seeds 0 1 2]``, in
an environment of its own with ``pip install torch`` and ``watchroom[train]``: the product imports no torch.
The epoch of each seed is the one with the least loss on validation; one graph answers the mean of all seeds.
Network as in the framework: 24 steps x 9 channels, Conv 32 - Conv 32 - LSTM 48 - dense 32; three of four rows
without a failure ahead are left out of training, and their share is put right inside the graph.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.prediction.package import write_package
from engine.prediction.session import open_session
from engine.prediction.train_card import card_of, golden_rows
from engine.prediction.train_fleet import TablesRefused, read_tables
from engine.prediction.train_plan import Plan, read_plan
from engine.prediction.train_rows import Rows, taken_of
from engine.types import ModelCard

EPOCHS, BATCH, RATE = 10, 256, 2e-3
KEPT = 0.25
"""Share of the rows without a failure ahead that each epoch sees."""
PARITY = 1e-5

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """One seed: its network as it was at its best ``epoch``."""

    seed: int
    loss: float
    epoch: int
    seconds: float
    net: Any


def network(torch: Any, middle: NDArray[np.float32], spread: NDArray[np.float32]) -> Any:
    """The network on [n, steps, channels], newest step first; ``middle``, ``spread`` float32[channels].

    In training it answers the log-odds of "within 48 h" and of "within 24 h, if within 48 h"; otherwise both
    probabilities, the shorter first, for the share of failures that there really is.
    """
    nn = torch.nn
    channels = len(middle)

    class Hybrid(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("middle", torch.from_numpy(middle))
            self.register_buffer("spread", torch.from_numpy(spread))
            self.seen = nn.Sequential(
                nn.Conv1d(channels, 32, 5, padding=2), nn.ReLU(), nn.Conv1d(32, 32, 5, padding=2), nn.ReLU()
            )
            self.memory = nn.LSTM(32, 48, batch_first=True)
            self.said = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))

        def forward(self, x: Any) -> Any:
            level = torch.where(torch.isnan(x), self.middle, x)
            seen = self.seen(((level - self.middle) / self.spread).flip(1).transpose(1, 2))
            answer = self.said(self.memory(seen.transpose(1, 2))[0][:, -1])
            if self.training:
                return answer
            longer, shorter = torch.sigmoid(answer).split(1, dim=1)
            # Each row left out stood for 1 / KEPT: Bayes gives the odds of the whole.
            whole = longer + (1.0 - longer) / KEPT
            return torch.cat([longer * shorter, longer], dim=1) / whole

    return Hybrid()


def learn(torch: Any, x: NDArray[np.float32], rows: Rows, train: Mask, check: Mask, seed: int) -> Trained:
    """Train one seed; the epoch with the least loss on ``check`` counts."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    random, began = np.random.default_rng(seed), time.perf_counter()
    label = np.column_stack([rows.label(24.0), rows.label(48.0)]).astype(np.float32)
    flat = x[train].reshape(-1, x.shape[2])
    net = network(torch, np.nanmean(flat, axis=0), np.nanstd(flat, axis=0))
    yes, no = np.flatnonzero(train & rows.label(48.0)), np.flatnonzero(train & ~rows.label(48.0))
    some = int(KEPT * len(no))
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-4)
    steps = EPOCHS * -(-(len(yes) + some) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    best: tuple[float, int, Any] = (np.inf, 0, None)
    for epoch in range(1, EPOCHS + 1):
        drawn = np.concatenate([yes, random.choice(no, some, replace=False)])
        _learn_once(torch, net, (optimiser, schedule), x, label, random.permutation(drawn))
        missed = _loss(ask(torch, net, x[check]), label[check])
        print(f"seed {seed} epoch {epoch}: loss on validation {missed:.5f}", flush=True)
        if missed < best[0]:
            kept = {name: each.clone() for name, each in net.state_dict().items()}
            best = (missed, epoch, kept)
    net.load_state_dict(best[2])
    return Trained(seed, best[0], best[1], time.perf_counter() - began, net)


def mean_of(torch: Any, nets: list[Any]) -> Any:
    """One network that answers the mean of what all of them answer."""

    class Mean(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.nets = torch.nn.ModuleList(nets)

        def forward(self, x: Any) -> Any:
            return torch.stack([net(x) for net in self.nets]).mean(dim=0)

    return Mean()


def _learn_once(
    torch: Any,
    net: Any,
    how: tuple[Any, Any],
    x: NDArray[np.float32],
    label: NDArray[np.float32],
    order: NDArray[np.intp],
) -> None:
    """One epoch: the loss of "within 48 h", and of "within 24 h" where it is within 48 h."""
    cross = torch.nn.functional.binary_cross_entropy_with_logits
    optimiser, schedule = how
    net.train()
    for at in range(0, len(order), BATCH):
        chosen = order[at : at + BATCH]
        truth = torch.from_numpy(label[chosen])
        answer = net(torch.from_numpy(x[chosen]))
        within = (cross(answer[:, 1], truth[:, 0], reduction="none") * truth[:, 1]).mean()
        loss = cross(answer[:, 0], truth[:, 1]) + within
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()


def _apart(torch: Any, net: Any, model: bytes, x: NDArray[np.float32]) -> float:
    """How far ONNX is from torch at most, on some 20,000 of the rows."""
    run = open_session(model, "the new model", ("probabilities",), (None, *x.shape[1:]))
    some = x[:: max(1, len(x) // 20_000)]
    return float(np.max(np.abs(run(some.reshape(len(some), -1))[0] - ask(torch, net, some))))


def ask(torch: Any, net: Any, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """What torch answers, float64[n, 2]."""
    net.eval()
    with torch.no_grad():
        parts = [net(torch.from_numpy(x[at : at + 4096])).numpy() for at in range(0, len(x), 4096)]
    return np.concatenate(parts).astype(np.float64)


def _loss(p: NDArray[np.float64], label: NDArray[np.float32]) -> float:
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return float(-np.mean(label * np.log(p) + (1 - label) * np.log(1 - p)))


def export(torch: Any, net: Any, shape: tuple[int, ...]) -> bytes:
    """The network as ONNX of opset 17. The older exporter: the newer one writes an LSTM of opset 18."""
    net.eval()
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that there is a newer one
        torch.onnx.export(
            net, (torch.zeros(2, *shape),), file, dynamo=False, opset_version=17,
            input_names=["steps"], output_names=["probabilities"],
            dynamic_axes={"steps": {0: "rows"}, "probabilities": {0: "rows"}},
        )  # fmt: skip
    return file.getvalue()


def train(plan: Plan, data: Path, out: Path, seeds: list[int]) -> ModelCard:
    """Train every seed and write the package of their mean."""
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    plan, rows, parts = taken_of(read_tables(data, plan.layout()), plan)
    channels = len(plan.inputs) + len(plan.events)
    x = rows.features.reshape(len(rows.features), -1, channels)
    found = [learn(torch, x, rows, parts["train"], parts["validation"], seed) for seed in seeds]
    for each in found:
        print(f"seed {each.seed}: {each.loss:.5f} at epoch {each.epoch}, {each.seconds:.0f} s")
    net = mean_of(torch, [each.net for each in found])
    check, label = parts["validation"], np.column_stack([rows.label(24.0), rows.label(48.0)])
    missed = _loss(ask(torch, net, x[check]), label[check].astype(np.float32))
    print(f"mean of {len(seeds)} seeds: loss on validation {missed:.5f}")
    model = export(torch, net, x.shape[1:])
    far = _apart(torch, net, model, x[check | parts["train"]])
    if not far <= PARITY:
        raise TablesRefused(f"ONNX answers up to {far:.2g} otherwise than torch; it is not written")
    run = open_session(model, "the new model", ("probabilities",), (None, *x.shape[1:]))
    p = run(rows.features)[0]
    p[~rows.served] = np.nan
    _, golden = golden_rows(rows.features[parts["validation"]], p[parts["validation"]])
    card = card_of(plan, rows, parts, p, (golden, run(golden)[0]))
    how = {
        "network": f"mean of {len(seeds)}: Conv 32 x 5, Conv 32 x 5, LSTM 48, dense 32, 2",
        "parameters": sum(each.numel() for each in net.parameters()), "epochs": EPOCHS,
        "epoch_of_seeds": {str(each.seed): each.epoch for each in found}, "batch": BATCH, "rate": RATE,
        "negatives_kept": KEPT, "parity": far, "loss": round(missed, 6),
        "loss_of_seeds": {str(each.seed): round(each.loss, 6) for each in found},
    }  # fmt: skip
    trainer = {
        "torch": str(torch.__version__), "numpy": np.__version__, "opset": "17",
        "seed": " ".join(map(str, seeds)),
    }  # fmt: skip
    extra = {"lags_h": list(plan.lags_h), "fit": how}
    return write_package(out, msgspec.structs.replace(card, trainer=trainer, extra=extra), model)


def main(arguments: list[str] | None = None) -> int:
    """The command. Exit 0 done, 1 refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prediction.train_cnn_lstm")
    parser.add_argument("plan", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = parser.parse_args(arguments)
    try:
        card = train(read_plan(asked.plan), asked.data, asked.out, asked.seeds)
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed; pip install torch watchroom[train] in an environment apart")
        return 1
    except TablesRefused as error:
        print(error)
        return 1
    print(f"{card.id} {card.version} in {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

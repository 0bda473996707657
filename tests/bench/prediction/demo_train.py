"""Train the models of the demo plant: virtual lines as tables, one package for each class of assets.

``python -m tests.bench.prediction --set demo --train`` writes ``resources/models/demo-*-48h`` anew, in some
minutes; with ``--data FOLDER`` the tables stay there. Needs the extra ``watchroom[train]``.
"""

from __future__ import annotations

import csv
import functools
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from engine import paths
from engine.prediction.train import train
from engine.prediction.train_fleet import TablesRefused
from engine.prediction.train_plan import Plan, read_plan
from engine.types import ModelCard
from tests.bench.prediction.demo_fleet import KINDS, START_US, Kind, Line, fleet_of, lines_of

LINES, DAYS = 128, 42.0
Told = Callable[[str, float], None]


def plan_of(kind: Kind) -> Plan:
    """The plan of a class."""
    return read_plan(paths.resources() / "training" / f"{kind.model}.toml")


def tags_of(kinds: Sequence[Kind] = KINDS) -> list[str]:
    """Every tag that one of the models is given, of every recorded asset."""
    found = [f"{a}/{i.tag}" for kind in kinds for a in kind.assets for i in plan_of(kind).inputs]
    return list(dict.fromkeys(found))


def train_all(folder: Path, out: Path, told: Told, lines: int = LINES, days: float = DAYS) -> list[ModelCard]:
    """Make the lines, write their tables below ``folder`` and the packages below ``out``."""
    seeds = range(1, lines + 1)
    made = lines_of(seeds, days, tags_of(), told=lambda share: told("lines", share))
    cards: list[ModelCard] = []
    for kind in KINDS:
        plan = plan_of(kind)
        write_tables(folder / kind.asset_class, kind, plan, made)
        name = kind.asset_class
        heard = functools.partial(_told, told, name)
        cards.append(train(plan, folder / name, out / plan.id, heard))
    return cards


def _told(told: Told, name: str, stage: str, share: float) -> None:
    told(f"{name}: {stage}", share)


def write_tables(folder: Path, kind: Kind, plan: Plan, lines: Sequence[Line]) -> None:
    """The tables of a class as `engine.prediction.train_fleet` reads them. Machine = 10 x line + place."""
    folder.mkdir(parents=True, exist_ok=True)
    assets = fleet_of(kind, {each.role: each.tag for each in plan.inputs}, lines).assets
    means = np.concatenate([each.buckets.means for each in assets])
    whole = {
        "machineID": np.repeat([int(each.name) for each in assets], [len(e.buckets.means) for e in assets]),
        "t": np.concatenate([each.known_us() for each in assets]).astype("datetime64[us]"),
        **{role: means[:, at] for at, role in enumerate(plan.columns)},
    }
    table = {name: arrow.array(values) for name, values in whole.items()}
    parquet.write_table(arrow.table(table), folder / "telemetry_3h.parquet")
    failures = [(_text(at), each.name, "broken") for each in assets for at in each.failures_us.tolist()]
    _put(folder / "failures.csv", ("datetime", "machineID", "failure"), failures)
    repairs = [(e.name, *map(_text, span)) for e in assets for span in e.repaired_us.tolist()]
    _put(folder / "repairs.csv", ("machineID", "since", "datetime"), repairs)
    # The reader wants a journal; these models are given none of it.
    _put(folder / "errors.csv", ("datetime", "machineID", "errorID"), [(_text(START_US), "10", "none")])


def _text(at_us: int) -> str:
    return str(np.datetime64(at_us, "us"))


def _put(file: Path, head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(head)
        writer.writerows(rows)


def main(folder: Path | None = None) -> int:
    """The command. Exit 0 done, 1 refused."""

    def told(stage: str, share: float) -> None:
        print(f"{stage} {share:.0%}", flush=True)

    with tempfile.TemporaryDirectory() as scratch:
        try:
            cards = train_all(folder or Path(scratch), paths.resources() / "models", told)
        except (TablesRefused, ModuleNotFoundError, OSError) as error:
            print(f"the models of the demo plant are not trained: {error}", file=sys.stderr)
            return 1
    for card in cards:
        print(f"{card.id} {card.version}: {card.failures} failures, {card.tiers}")
    return 0

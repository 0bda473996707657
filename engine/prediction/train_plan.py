"""What to train: a text file that names the inputs, the split in time and by asset, and what is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.prediction.features import FeatureSpec
from engine.prediction.train_fleet import Layout, TablesRefused
from engine.typed import convert
from engine.types import ModelInput

BANNED = frozenset(
    "age ages assetid calendar component components date day days hour hours machineid maint maintenance "
    "month replaced replacement serial week weekday year years".split()
)
"""Words that no role, column or class of events may have in its name: a model that knows them learns the
plan of maintenance (with age of component PR-AUC 0.956 instead of 0.781 on Azure, and worth nothing
elsewhere)."""


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dates, UTC, first and last day: gaps of 3 days between the parts are the plan's to leave."""

    train: tuple[str, str]
    validation: tuple[str, str]
    test: tuple[str, str]
    assets: tuple[int, int]
    """First and last asset of training, validation and test on known assets; all others are unseen."""


class Fit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the trees are grown. The seed is part of it: the same plan and data give the same model."""

    trees: int = 400
    leaves: int = 15
    rate: float = 0.08
    least_rows: int = 200
    patience: int = 30
    seed: int = 0


class Tiers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a tier must reach on validation: WATCH the share ``early`` found a day ahead; of ACT the share
    ``right`` of episodes, and at most ``false`` wrong ones per machine-month, at the upper end of the 95 %
    interval at most ``false_high``.
    """

    early: float = 0.80
    right: float = 0.88
    false: float = 0.08
    false_high: float = 1.0


USUAL = Tiers()


def tiers_in(extra: Mapping[str, Any]) -> Tiers:
    """What the tiers of a model must reach, as its plan said: ``extra["tiers"]`` of its card.

    Raises:
        msgspec.ValidationError: they are not written as such.
    """
    return convert(extra.get("tiers", {}), Tiers)


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of ``resources/training``, or of one's own."""

    id: str
    version: str
    asset_class: str
    title: str
    what: str
    author: str
    horizon_h: tuple[float, ...]
    bucket_s: float
    windows_h: tuple[float, ...]
    lags_h: tuple[float, ...]
    columns: dict[str, str]
    events: tuple[str, ...]
    inputs: tuple[ModelInput, ...]
    split: Split
    data: dict[str, Any]
    limits: tuple[str, ...]
    fit: Fit = Fit()
    tiers: Tiers = USUAL
    features: str = "windows/1"
    facts: dict[str, str] = {}
    """Roles that are facts of the asset and never change, by column of machines.csv: type, never age."""

    def layout(self) -> Layout:
        """Which columns of the tables hold what."""
        return Layout(self.columns, self.events, self.bucket_s, self.facts)

    def spec(self) -> FeatureSpec:
        """What the feature function is given."""
        roles = tuple(each.role for each in self.inputs)
        return FeatureSpec(roles, self.events, self.windows_h, self.lags_h, self.bucket_s)


def read_plan(file: Path) -> Plan:
    """The plan in ``file``.

    Raises:
        TablesRefused: it is not a plan, or it gives the model what it must not know.
    """
    try:
        # People write TOML; the engine, which has no writer of it, JSON.
        decode = msgspec.json.decode if file.suffix == ".json" else msgspec.toml.decode
        plan = convert(decode(file.read_bytes()), Plan)
    except OSError as error:
        raise TablesRefused(f"{file} cannot be read ({error.strerror}); give the file of a plan") from error
    except msgspec.MsgspecError as error:
        raise TablesRefused(f"{file}: {error}; correct it there") from error
    roles = tuple(each.role for each in plan.inputs)
    if roles != (*plan.columns, *plan.facts):
        raise TablesRefused(
            f"{file}: 'columns' and 'facts' must name the roles of 'inputs' in the same order: {roles}"
        )
    for name in banned((*roles, *plan.columns.values(), *plan.facts.values(), *plan.events)):
        raise TablesRefused(
            f"{file}: {name!r} tells age, calendar or the asset's name; a model learns the plan of "
            "maintenance from it, not the machine: leave it out"
        )
    return plan


def banned(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that tell what a model must not know."""
    return [name for name in names if BANNED & set(re.split(r"[^a-z]+", name.lower()))]

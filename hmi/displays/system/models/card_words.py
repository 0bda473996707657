"""The card of a model in words: what it says, from what, how often it was right, its limits. No Qt.

No share of right answers stands alone: where a card tells an accuracy, how often never alarming is right
stands beside it, or the accuracy is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from engine.types import ModelCard, ModelInput, ModelState
from hmi import formats
from hmi.displays.system.models import state as models
from hmi.displays.system.state import Cells, Fact
from hmi.formats import NO_VALUE, t

INPUTS = ("Input", "Tag below the asset", "Unit", "Trained on", "Needed", "Explained under")
SHARES = ("recall", "precision", "accuracy", "coverage", "share")
NAMES = {
    "pr_auc": "PR-AUC",
    "roc_auc": "ROC-AUC",
    "brier": "Brier score",
    "ece": "calibration error",
    "calibration_error": "calibration error",
    "precision": "right",
    "recall": "failures found",
    "recall_24h_ahead": "found 24 h ahead",
    "false_per_machine_month": "false a machine-month",
    "lead_h_median": "median hours ahead",
    "machine_months": "machine-months",
    "rows_positive": "rows before a failure",
    "rmse": "RMSE",
}
KINDS = {"failure": "Failure within its horizon", "rul": "Remaining useful life"}
SIMULATED = "SIMULATED: it was never seen in a plant."
NOT_SAID = "The card does not say whether the data are real or simulated."
Place = tuple[str, str]


def claims(model: ModelState, locale: str) -> tuple[Fact, ...]:
    """What it says, of which assets, and what it is made of."""
    card = model.card
    horizon = ", ".join(
        formats.quantity(each, 0 if each == int(each) else 1, "h", locale) for each in card.horizon_h
    )
    assets = ", ".join(model.assets) or t("none here: no asset of this class has its inputs")
    bucket = formats.span(card.bucket_s)
    facts = (
        Fact(t("Says"), formats.sentence(card.what)),
        Fact(t("Kind"), t(KINDS[card.kind])),
        Fact(t("Looks ahead"), horizon),
        Fact(t("For"), card.asset_class),
        Fact(t("Watches"), assets, not model.assets),
        Fact(t("From"), t("{features}, samples of {bucket} together", features=card.features, bucket=bucket)),
        Fact(t("Counts events"), ", ".join(card.events) or t("none")),
        Fact(t("Learned from"), t("{n} failures", n=formats.number(card.failures, 0, locale))),
        Fact(t("File"), models.signed_words(model), not model.signed),
        Fact(
            t("Author"),
            card.author + (t(", approved by {name}", name=card.approver) if card.approver else ""),
        ),
        Fact(t("Made with"), ", ".join(f"{name} {version}" for name, version in card.trainer.items())),
    )
    return tuple(each for each in facts if each.text)


def input_rows(card: ModelCard, locale: str) -> tuple[Cells, ...]:
    """One row an input, with `INPUTS`."""
    return tuple(
        (
            each.role,
            each.tag or each.role,
            each.unit or NO_VALUE,
            _range(each, locale),
            t("needed") if each.required else t("may be missing"),
            each.group or NO_VALUE,
        )
        for each in card.inputs
    )


def _range(each: ModelInput, locale: str) -> str:
    low, high = (NO_VALUE if value is None else _number(value, locale) for value in (each.low, each.high))
    return NO_VALUE if each.low is None and each.high is None else t("{low} to {high}", low=low, high=high)


def tiers(card: ModelCard, locale: str) -> tuple[Fact, ...]:
    """From which probability on it says Watch or Act, and what was seen there on data not trained on."""
    found = list[Fact]()
    for tier, threshold in card.tiers.items():
        seen = card.evidence.get(tier)
        facts = cast("Mapping[str, Any]", seen) if isinstance(seen, Mapping) else {}
        words = "; ".join(_figures({k: v for k, v in facts.items() if k != "threshold"}, {}, locale))
        from_p = t("From {p} on", p=formats.number(threshold, 2, locale))
        found.append(Fact(tier.capitalize(), f"{from_p}: {words}" if words else from_p))
    chosen = card.evidence.get("chosen")
    if isinstance(chosen, str):
        found.append(Fact(t("Chosen"), formats.sentence(chosen)))
    return tuple(found)


def metrics(card: ModelCard, locale: str) -> tuple[Fact, ...]:
    """What was measured, a fact for each part of the data."""
    found = list[Fact]()
    loose: dict[str, Any] = {}
    for name, value in card.metrics.items():
        if isinstance(value, Mapping):
            lines = _lines({name: value}, card.metrics, locale)
            told = "\n".join(line.partition(": ")[2] for line in lines)
            found.append(Fact(_plain(name).capitalize(), told))
        else:
            loose[name] = value
    if loose:
        found.insert(0, Fact(t("All"), "; ".join(_figures(loose, {}, locale))))
    return tuple(found)


def _lines(facts: Mapping[str, Any], around: Mapping[str, Any], locale: str) -> list[str]:
    flat = {name: each for name, each in facts.items() if not isinstance(each, Mapping)}
    lines = ["; ".join(_figures(flat, around, locale))] if flat else []
    for name, each in facts.items():
        if isinstance(each, Mapping):
            inside = cast("Mapping[str, Any]", each)
            if "accuracy" in name.lower():
                inside = {f"{name} {part}": value for part, value in inside.items()}
            inner = _lines(inside, facts, locale)
            lines += [f"{_plain(name).capitalize()}: {line}" for line in inner]
    return [line for line in lines if line]


def _figures(facts: Mapping[str, Any], around: Mapping[str, Any], locale: str) -> Iterator[str]:
    for name, value in facts.items():
        words = _value(name, value, locale)
        if "accuracy" not in name.lower():
            yield f"{_plain(name)} {words}"
            continue
        never = _never_alarming(facts, around)
        if never is None:
            yield t("{name} is not shown: how often never alarming is right is not known", name=_plain(name))
        else:
            percent = formats.quantity(100 * never, 1, "%", locale)
            yield t("{name} {value}, never alarming: {never}", name=_plain(name), value=words, never=percent)


def _never_alarming(facts: Mapping[str, Any], around: Mapping[str, Any]) -> float | None:
    """How often saying "all is well" every time would have been right; None where the card does not tell."""
    for each in (facts, around):
        stated = each.get("never_alarming")
        if isinstance(stated, int | float):
            return float(stated)
        rows, positive = each.get("rows"), each.get("rows_positive")
        if isinstance(rows, int | float) and isinstance(positive, int | float) and rows > 0:
            return 1.0 - positive / rows
    return None


def _value(name: str, value: object, locale: str) -> str:
    """A figure, or [figure, lowest, highest] of its interval."""
    is_share = any(each in name.lower() for each in SHARES)
    if isinstance(value, list | tuple):
        parts = [_one(each, is_share, locale) for each in cast("list[object]", value)]
        return (
            t("{value} ({low} to {high})", value=parts[0], low=parts[1], high=parts[2])
            if (len(parts) == 3)
            else ", ".join(parts)
        )
    return _one(value, is_share, locale)


def _one(value: object, is_share: bool, locale: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return formats.one_line(str(value))
    if not math.isfinite(value):
        return NO_VALUE
    if is_share and 0 <= value <= 1:
        return formats.quantity(100 * value, 0 if value in (0, 1) else 1, "%", locale)
    return _number(value, locale)


def _number(value: float, locale: str) -> str:
    """Four digits that say something, and no zeros after them."""
    text = f"{value:.4g}"
    return formats.number(value, None if "e" in text else len(text.partition(".")[2]), locale)


def _plain(name: str) -> str:
    return t(NAMES[name]) if name in NAMES else name.replace("_", " ")


def data(card: ModelCard) -> tuple[Fact, ...]:
    """What it was trained on: real or simulated first, then all that the card tells."""
    kind = str(card.data.get("kind", "")).lower()
    is_real = kind == "real"
    words = t("Real.") if is_real else t(SIMULATED) if kind == "simulated" else kind or t(NOT_SAID)
    first = Fact(t("Data"), words, not is_real)
    rest = (
        Fact(_plain(name).capitalize(), _told(value)) for name, value in card.data.items() if name != "kind"
    )
    return (first, *rest)


def _told(value: object) -> str:
    if isinstance(value, list | tuple):
        parts = [str(each) for each in cast("list[object]", value)]
        return t("{first} to {last}", first=parts[0], last=parts[1]) if len(parts) == 2 else ", ".join(parts)
    if isinstance(value, Mapping):
        told = cast("Mapping[str, object]", value)
        return "; ".join(f"{_plain(name)} {_told(each)}" for name, each in told.items())
    return formats.one_line(str(value))


def limits(card: ModelCard) -> str:
    """Where it must not be trusted, a line each."""
    return "\n".join(f"• {formats.sentence(each)}" for each in card.limits)

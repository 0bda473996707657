"""What is known of models and their warnings, as rows and sentences. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from engine.typed import convert
from engine.types import ClassHistory, Episode, HitRate, ModelRole, ModelState, Tier
from hmi import formats
from hmi.displays.system.state import Cells, Row
from hmi.formats import NO_VALUE, t
from hmi.values import near

CLASSES = ("Class", "Assets", "Failures", "What that allows")
TITLES = ("Model", "Title", "Role", "Watches", "Since")
LEAST_MONTHS = 0.5
"""Machine-months that a rate a month is told of: 0.00 after an hour would be praise for nothing."""
RECORD = ("Who", "Right", "Wrong", "Missed", "Open", "False a month", "Lead", "Watched")
ROLES: dict[ModelRole, tuple[str, str]] = {
    "champion": ("champion", "it alone warns."),
    "challenger": ("challenger", "runs beside the champion on the same data, and warns nobody."),
    "shadow": ("in shadow", "runs and is recorded, and warns nobody."),
    "retired": ("retired", "does not run any more; its record stays."),
    "refused": ("REFUSED", "is not used."),
}
TIERS: dict[Tier, str] = {"": NO_VALUE, "watch": "Watch", "act": "Act"}
BASELINES = {"baseline: limit": "Limits alone", "baseline: limit and event": "Limits and an event"}
Answer = TypeVar("Answer", bound=msgspec.Struct)


class Known(msgspec.Struct, frozen=True):
    """Answer to ``models`` and ``model_change`` (`engine.wire.prediction.ModelsAnswer`)."""

    models: tuple[ModelState, ...]
    can_train: bool = False
    text: str = ""
    classes: tuple[ClassHistory, ...] = ()


class Warned(msgspec.Struct, frozen=True):
    """Answer to ``episodes``: the newest first."""

    episodes: tuple[Episode, ...]


class Trained(msgspec.Struct, frozen=True):
    """Result of the job ``retrain``."""

    id: str
    version: str
    failures: int
    text: str


def read(answer: Any, kind: type[Answer]) -> Answer | None:
    """An answer as it comes over the wire; None where it is of another kind."""
    try:
        return convert(answer, kind)
    except msgspec.ValidationError:
        return None


def key(model: ModelState) -> str:
    """What tells a version from all others."""
    return f"{model.card.id} {model.card.version}"


def model_of(known: Known | None, name: str) -> ModelState | None:
    """The version of that `key`."""
    models = () if known is None else known.models
    return next((each for each in models if key(each) == name), None)


def class_of(known: Known | None, name: str) -> ClassHistory | None:
    """The class of assets of that name."""
    classes = () if known is None else known.classes
    return next((each for each in classes if each.asset_class == name), None)


def class_rows(known: Known) -> tuple[Cells, ...]:
    """One row a class, with `CLASSES`: those a model can be made for first, then the nearest to it."""
    found = sorted(known.classes, key=lambda each: (each.has_model, -each.failures, each.asset_class))
    return tuple(
        (
            each.asset_class,
            str(each.assets),
            t("{n} of {needed}", n=each.failures, needed=each.needed),
            _allows(each),
        )
        for each in found
    )


def _allows(each: ClassHistory) -> str:
    if each.has_model:
        return t("has a model; train a challenger beside it") if _is_enough(each) else t("has a model")
    if _is_enough(each):
        return t("no model yet; one can be trained")
    return t("not enough history: {n} of {needed}", n=each.failures, needed=each.needed)


def _is_enough(each: ClassHistory) -> bool:
    return each.failures >= each.needed


def untrained(each: ClassHistory, can_train: bool) -> str:
    """Why no model can be made for a class, a whole sentence; "" = one can."""
    facts: dict[str, object] = {"name": each.asset_class, "n": each.failures, "needed": each.needed}
    if each.has_model and not _is_enough(each):
        return t(
            "{name}: has a model. A challenger can be trained from {needed} failures on; {n} are on record.",
            **facts,
        )
    if not _is_enough(each):
        return t(
            "{name}: not enough history: {n} of {needed} failures are on record. Until then limits, and what "
            "was marked as normal, watch these assets.",
            **facts,
        )
    if not can_train:
        return t(
            "{name}: enough failures are on record, but training is not installed here: pip install "
            "watchroom[train].",
            **facts,
        )
    return ""


def row(known: Known | None, warned: Warned | None, is_stalled: bool) -> Row:
    """The line beside the sources."""
    name = t("Models")
    if is_stalled:
        return Row(name, "unknown", t("not known"), "", "")
    if known is None:
        return Row(name, "well", t("what is foreseen, and by what"), "", "")
    refused = sum(each.role == "refused" for each in known.models)
    if refused:
        words = t("1 version is refused") if refused == 1 else t("{n} versions are refused", n=refused)
        return Row(name, "look", words, "", "")
    champions = sum(each.role == "champion" for each in known.models)
    if not known.models:
        return Row(name, "well", t("none yet"), "", "")
    count = t("1 model watches") if champions == 1 else t("{n} models watch", n=champions)
    waiting = len(opened(warned))
    return Row(name, "well", count, t("{n} open", n=waiting) if waiting else "", "")


def summary(known: Known | None, warned: Warned | None) -> str:
    """How many versions there are, and warnings that wait for an outcome."""
    if known is None:
        return ""
    versions = len(known.models)
    count = t("1 version") if versions == 1 else t("{n} versions", n=versions)
    waiting = len(opened(warned))
    open_words = t("1 open warning") if waiting == 1 else t("{n} open warnings", n=waiting)
    return f"{count} · {open_words}"


def opened(warned: Warned | None) -> tuple[Episode, ...]:
    """Warnings that people see and that have no outcome yet."""
    episodes = () if warned is None else warned.episodes
    return tuple(each for each in episodes if each.outcome == "open" and not each.is_shadow)


def rows(known: Known, now_us: int, zone: str) -> tuple[Cells, ...]:
    """One row a version, with `TITLES`."""
    return tuple(
        (key(each), each.card.title, t(ROLES[each.role][0]), watches(each), since(each, now_us, zone))
        for each in known.models
    )


def watches(model: ModelState) -> str:
    """How many assets it watches, or what it would watch."""
    count = len(model.assets)
    if not count:
        return t("no asset")
    return near(model.assets[0]) if count == 1 else t("{n} assets", n=count)


def since(model: ModelState, now_us: int, zone: str) -> str:
    """Since when it has its role."""
    return formats.moment(model.since_us, now_us, zone) if model.since_us else NO_VALUE


def role_words(model: ModelState, now_us: int, zone: str) -> str:
    """Its role, what that means, since when, by whom and why."""
    word, means = ROLES[model.role]
    said = [t("{role}: {means}", role=t(word).capitalize(), means=t(means))]
    if model.since_us:
        by = model.by or t("nobody named")
        said.append(t("Since {time}, by {by}.", time=since(model, now_us, zone), by=by))
    if model.why:
        said.append(formats.sentence(model.why))
    return " ".join(said)


def signed_words(model: ModelState) -> str:
    """Whether an engineer approved its file, and what follows from that."""
    if model.signed:
        return t("Approved by a named engineer: it runs inside the engine.")
    return t("Not approved: it runs in a guarded process of its own.")


def beside(known: Known, chosen: ModelState) -> tuple[ModelState, ...]:
    """The versions whose records stand side by side: champion and challenger of its place, and itself."""
    place = chosen.card.kind, chosen.card.asset_class
    same = [each for each in known.models if (each.card.kind, each.card.asset_class) == place]
    found = [each for role in ("champion", "challenger") for each in same if each.role == role]
    return (*found, *(each for each in same if key(each) == key(chosen) and each not in found))


def record(known: Known, chosen: ModelState, locale: str) -> tuple[Cells, ...]:
    """How warnings fared here, tier by tier, with `RECORD`; the two baselines last."""
    found: list[Cells] = []
    for model in beside(known, chosen):
        who = f"{t(ROLES[model.role][0]).capitalize()} {model.card.version}"
        found += [record_row(f"{who} · {t(TIERS[rate.tier])}", rate, locale) for rate in model.rates]
    for name, rate in chosen.baselines:
        found.append(record_row(t(BASELINES.get(name, name)), rate, locale))
    return tuple(found)


def record_row(who: str, rate: HitRate, locale: str) -> Cells:
    """One row with `RECORD`."""
    settled = rate.right + rate.wrong
    false = formats.number(rate.wrong / rate.months, 2, locale) if rate.months >= LEAST_MONTHS else NO_VALUE
    return (
        who,
        t("{n} of {all}", n=rate.right, all=settled) if settled else t("no case yet"),
        str(rate.wrong),
        str(rate.missed),
        str(rate.open),
        false,
        formats.quantity(rate.lead_h, 0, "h", locale) if rate.lead_h is not None else NO_VALUE,
        t("{n} machine-months", n=formats.number(rate.months, 1, locale)),
    )


def record_words(chosen: ModelState) -> str:
    """What the record says in a sentence, or why it says nothing yet."""
    if chosen.card.kind == "rul" and not chosen.rates:
        return t("It estimates a remaining life and warns nobody; lives that end here tell how good it is.")
    said = list[str]()
    for rate in chosen.rates:
        settled = rate.right + rate.wrong
        if settled:
            tier = t(TIERS[rate.tier])
            said.append(
                t("{n} of {all} {tier} warnings here were right.", n=rate.right, all=settled, tier=tier)
            )
    if not chosen.rates:
        said.append(t("Nothing is known yet of how it does here."))
    elif not said:
        said.append(t("No warning of it has an outcome here yet."))
    if not chosen.baselines:
        said.append(t("How limits alone did on the same hours is not known yet."))
    return " ".join(said)


def changed(before: Known, after: Known) -> tuple[str, ...]:
    """What a change does, or would do, version by version."""
    had: dict[str, ModelRole] = {key(each): each.role for each in before.models}
    lines = list[str]()
    for each in after.models:
        name, role = key(each), t(ROLES[each.role][0])
        if name not in had:
            lines.append(t("{model} comes in, {role}.", model=name, role=role))
        elif had[name] != each.role:
            lines.append(
                t("{model}: {before} → {after}.", model=name, before=t(ROLES[had[name]][0]), after=role)
            )
    return tuple(lines)


def assets_of(models: Sequence[ModelState]) -> tuple[str, ...]:
    """Every asset that one of them watches."""
    return tuple(dict.fromkeys(asset for each in models for asset in each.assets))

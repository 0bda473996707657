"""The card of a model: ``card.json`` read strictly, because what it says decides who gets warned when."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from hashlib import sha256
from itertools import pairwise
from typing import cast

import msgspec

from engine.prediction.train_plan import tiers_in
from engine.typed import from_json
from engine.types import ModelCard

CARD_BYTES = 8 * 1024**2
GOLDEN_ROWS = 3
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
"""Names that are devices on Windows, whatever the folder."""
MISSING = re.compile(r"Object missing required field `(.+?)`(?: - at `\$\.?(.*)`)?")
UNKNOWN = re.compile(r"Object contains unknown field `(.+?)`(?: - at `\$\.?(.*)`)?")
TIERS = ("watch", "act")
TEXTS = ("id", "version", "asset_class", "title", "what", "features", "author")
NOT_EMPTY = ("evidence", "metrics", "data", "trainer", "limits", "inputs", "reference")


class PackageRefused(Exception):
    """A model package cannot be used; the text names file and field and says what to do."""


def read_card(content: bytes, where: object, known: Collection[str]) -> ModelCard:
    """The card in ``content``; ``where`` = the file, ``known`` = "name/version" of the feature functions.

    Raises:
        PackageRefused: a field is missing, unknown or wrong; one sentence names it.
    """
    if len(content) > CARD_BYTES:
        raise PackageRefused(f"{where} has {len(content):,} bytes; a card has at most {CARD_BYTES:,}")
    try:
        card = from_json(content, ModelCard)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise PackageRefused(f"{where} {_told(str(error))}") from error
    for problem in problems(card, known):
        raise PackageRefused(f"{where}: {problem}")
    return card


def problems(card: ModelCard, known: Collection[str]) -> Iterator[str]:
    """A sentence for each thing that is wrong with a card."""
    yield from _names(card)
    if card.features not in known:
        yield (
            f"the field 'features' says {card.features[:80]!r}, which this version of Watchroom cannot make; "
            f"it makes {', '.join(sorted(known)) or 'none'}"
        )
    if not (math.isfinite(card.bucket_s) and card.bucket_s > 0):
        yield f"the field 'bucket_s' is {card.bucket_s}; it must be a number of seconds above 0"
    yield from _ascending("horizon_h", card.horizon_h, above=0.0, least=1)
    yield from _ascending("windows_h", card.windows_h, above=0.0, least=0)
    if card.failures < 0:
        yield f"the field 'failures' is {card.failures}; it must be how many failures it was trained on"
    for check in (_inputs, _tiers, _wanted, _reference, _golden, _calibration, _normal):
        yield from check(card)


def mark_of(card: ModelCard) -> str:
    """What the model file carries of its card: SHA-256 of the card without its own hash and approver.

    Of the fields in alphabetical order as JSON, so that spaces and order in the file do not matter.
    """
    plain = msgspec.structs.replace(card, sha256="", approver="")
    return sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def feature_names(card: ModelCard) -> tuple[str, ...]:
    """The inputs of the model, in order: what ``reference`` has quantiles of."""
    return tuple(card.reference)


def is_name(text: str) -> bool:
    """Whether ``text`` may be the id or version of a model: it becomes the name of a folder."""
    return bool(NAME.fullmatch(text)) and not RESERVED.fullmatch(text) and not text.endswith(".")


def _told(error: str) -> str:
    if found := MISSING.match(error):
        inside = f" in {found[2]}" if found[2] else ""
        return f"has no field {found[1]!r}{inside}; a card never lacks one: add it"
    if found := UNKNOWN.match(error):
        inside = f" in {found[2]}" if found[2] else ""
        return f"has a field {found[1][:80]!r}{inside} that no card has; remove it or correct its name"
    return f"cannot be read as a card ({error[:300]}); correct it there"


def _names(card: ModelCard) -> Iterator[str]:
    for name in TEXTS:
        if not str(getattr(card, name)).strip():
            yield f"the field {name!r} is empty"
    for name in ("id", "version"):
        text = str(getattr(card, name))
        if not is_name(text):
            yield (
                f"the field {name!r} is {text[:80]!r}; it must be 1 to 64 of a-z 0-9 . _ - and begin with a "
                "letter or digit, because a folder is named after it"
            )
    if not re.fullmatch(r"[0-9a-f]{64}", card.sha256):
        yield "the field 'sha256' is no SHA-256 (64 of 0-9 a-f) of model.onnx"
    for name in NOT_EMPTY:
        if not getattr(card, name):
            yield f"the field {name!r} is empty; say it, people decide by it"
    for name in ("origin", "licence"):
        if card.data and not str(card.data.get(name, "")).strip():
            yield f"the field 'data' does not say {name!r} of what it was trained on"


def _inputs(card: ModelCard) -> Iterator[str]:
    roles = [each.role for each in card.inputs]
    for role in sorted({each for each in roles if roles.count(each) > 1}):
        yield f"the field 'inputs' has the role {role[:80]!r} twice"
    for each in card.inputs:
        if not each.role.strip():
            yield "the field 'inputs' has one without a role"
        if each.unit != each.unit.strip() or not each.unit.isprintable():
            yield f"the unit {each.unit[:80]!r} of the input {each.role[:80]!r} is not written as a unit is"
        ends = [end for end in (each.low, each.high) if end is not None]
        if not all(map(math.isfinite, ends)) or (len(ends) == 2 and ends[0] >= ends[1]):
            yield f"the range {each.low} to {each.high} of the input {each.role[:80]!r} is none"
    if card.inputs and not any(each.required for each in card.inputs):
        yield "the field 'inputs' has none that is required: it would predict from nothing"
    for role in card.ambient:
        if role not in roles:
            yield f"the field 'ambient' names {role[:80]!r}, which is no role in 'inputs'"


def _tiers(card: ModelCard) -> Iterator[str]:
    for name in card.tiers:
        if name not in TIERS:
            yield f"the field 'tiers' has {name[:80]!r}; there are 'watch' and 'act'"
    if card.kind != "failure":
        return
    for name in TIERS:
        if not 0.0 < card.tiers.get(name, 0.0) < 1.0:
            yield f"the field 'tiers' needs {name!r}: a probability above 0 and below 1"
    if card.tiers.get("watch", 0.0) >= card.tiers.get("act", 1.0):
        yield "the field 'tiers' is out of order: 'watch' must be below 'act'"


def _wanted(card: ModelCard) -> Iterator[str]:
    try:
        tiers_in(card.extra)
    except msgspec.ValidationError as error:
        yield f"the field 'extra' has 'tiers' that nobody can read ({error}); correct or remove them"


def _reference(card: ModelCard) -> Iterator[str]:
    sizes = {len(quantiles) for quantiles in card.reference.values()}
    if sizes and (len(sizes) > 1 or min(sizes) < 3):
        yield "the field 'reference' must have the same number of quantiles, at least 3, for each feature"
    for name, quantiles in card.reference.items():
        if any(later < earlier for earlier, later in pairwise(quantiles)):
            yield f"the quantiles of {name[:80]!r} in 'reference' are not in order"


def _golden(card: ModelCard) -> Iterator[str]:
    if len(card.golden) < GOLDEN_ROWS:
        yield f"the field 'golden' has {len(card.golden)} rows; at least {GOLDEN_ROWS} are needed"
    wide = len(card.reference)
    for place, row in enumerate(card.golden, start=1):
        if set(row) != {"features", "outputs"}:
            yield f"row {place} of the field 'golden' must have 'features' and 'outputs', and no more"
            continue
        if not _all_numbers(row["features"], is_missing_fine=True) or len(row["features"]) != wide:
            yield (
                f"row {place} of the field 'golden' must have {wide} numbers (null = missing) as 'features', "
                "as many as 'reference'"
            )
        if not _all_numbers(row["outputs"]) or not row["outputs"]:
            yield f"row {place} of the field 'golden' must have numbers as 'outputs'"


def _calibration(card: ModelCard) -> Iterator[str]:
    for raw, true in card.calibration:
        if not (0.0 <= raw <= 1.0 and 0.0 <= true <= 1.0):
            yield f"the field 'calibration' has the knot ({raw}, {true}); both are probabilities, 0 to 1"
    for earlier, later in pairwise(card.calibration):
        if later[0] <= earlier[0] or later[1] < earlier[1]:
            yield "the field 'calibration' is out of order: raw must rise, true must not fall"


def _normal(card: ModelCard) -> Iterator[str]:
    for name, (middle, spread) in card.normal.items():
        if not (math.isfinite(middle) and math.isfinite(spread) and spread >= 0.0):
            yield f"the field 'normal' has {middle} and {spread} for {name[:80]!r}; the second is a spread"


def _ascending(name: str, values: tuple[float, ...], *, above: float, least: int) -> Iterator[str]:
    is_fine = all(math.isfinite(each) and each > above for each in values)
    if len(values) < least or not is_fine or any(b <= a for a, b in pairwise(values)):
        yield f"the field {name!r} is {list(values)}; it must be hours above {above:g} that rise"


def _all_numbers(row: object, is_missing_fine: bool = False) -> bool:
    if not isinstance(row, list):
        return False
    return all(_is_number(each) or (is_missing_fine and each is None) for each in cast("list[object]", row))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

"""What is foreseen of an asset, by which model, and how often that was right."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Tier = Literal["", "watch", "act"]
"""WATCH: early, goes to the maintenance list. ACT: about 95 % right, goes to the operator too. Never an
alarm."""
ModelRole = Literal["champion", "challenger", "shadow", "retired", "refused"]
ModelKind = Literal["failure", "rul"]
Outcome = Literal["open", "right", "wrong", "missed", "dismissed", "unclear"]


class Contribution(msgspec.Struct, frozen=True):
    """What speaks for a prediction: how much it would fall were this group of inputs as it is normally.

    ``weight`` = difference in log-odds (or in the anomaly score); ``value`` and ``normal`` of the group's
    main input in ``unit``, None where it is a count of events.
    """

    group: str
    weight: float
    value: float | None = None
    normal: float | None = None
    unit: str = ""
    tag: str = ""


class InputMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[inputs]]`` of models.toml: which tag below the assets of a type is the input ``role`` of models.

    ``asset`` = for this one asset alone.
    """

    asset_class: str
    role: str
    tag: str
    asset: str = ""


class Abnormal(msgspec.Struct, frozen=True):
    """An asset that is not as it normally is. ``score`` / ``limit`` > 1 = abnormal; no claim that it will
    fail.

    ``since_us`` 0 = it is normal. ``method`` = how it was found, in words.
    """

    score: float
    limit: float
    since_us: int
    method: str
    top: tuple[Contribution, ...] = ()


class Rul(msgspec.Struct, frozen=True):
    """Remaining useful life in ``unit``, with an interval that holds the truth in ``share`` of all cases."""

    value: float
    low: float
    high: float
    unit: str = "h"
    share: float = 0.8


class SimilarCase(msgspec.Struct, frozen=True):
    """The most similar past case: where, when it was, and how it ended."""

    asset: str
    at_us: int
    ended: str
    lead_h: float | None = None


class HitRate(msgspec.Struct, frozen=True):
    """How warnings of one tier fared here. ``right`` of ``right + wrong`` were; ``missed`` failures had none.

    ``months`` = machine-months it was watched. ``lead_h`` = median of hours ahead, None = no case yet.
    """

    tier: Tier
    right: int = 0
    wrong: int = 0
    missed: int = 0
    open: int = 0
    months: float = 0.0
    lead_h: float | None = None


class Outlook(msgspec.Struct, frozen=True):
    """Everything foreseen of one asset now.

    ``p24``, ``p48`` = probability of a failure within 24 and 48 h, None = no prediction, and ``reason`` says
    why (a missing input, not enough history: 12 of 30, outside what it was trained on). ``degraded`` = why it
    is worth less than usual. ``data_until_us`` = end of the data it rests on; ``issued_us`` = when it was
    made; older than ``valid_s`` it is not shown as a prediction any more. ``since_us`` = when this tier was
    reached. ``coverage`` = share 0…1 of good data in the window. ``layers`` = what watches this asset:
    "limits", "normal", "failure", "rul". ``baseline`` = what the limit-and-event rule says beside it.
    """

    asset: str
    issued_us: int
    data_until_us: int
    valid_s: float
    layers: tuple[str, ...] = ("limits",)
    p24: float | None = None
    p48: float | None = None
    tier: Tier = ""
    since_us: int = 0
    what: str = ""
    coverage: float = 0.0
    reason: str = ""
    degraded: tuple[str, ...] = ()
    top: tuple[Contribution, ...] = ()
    abnormal: Abnormal | None = None
    rul: Rul | None = None
    similar: SimilarCase | None = None
    baseline: bool = False
    model: str = ""
    version: str = ""
    rates: tuple[HitRate, ...] = ()
    episode: int = 0


class Forecast(msgspec.Struct, frozen=True):
    """Where a tag is heading: UTC microseconds, middle and the ends of an 80 % interval, in the tag's unit.

    ``crosses_us`` = when the middle crosses ``limit``, and the earliest and latest by the interval; None =
    never within the horizon.
    """

    path: str
    at_us: tuple[int, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    limit: float | None = None
    crosses_us: int | None = None
    earliest_us: int | None = None
    latest_us: int | None = None


class Crossing(msgspec.Struct, frozen=True):
    """An alert, never an alarm: a tag is on its way to one of its limits. One per tag, the nearest.

    ``limit`` in the tag's ``unit``, ``name`` as its alarm calls it ("HH"); ``value`` = last good one, at
    ``data_until_us``. ``crosses_us`` with the ends of an 80 % interval, None = the interval does not end
    within the horizon. ``since_us`` = when this was first said; older than ``valid_s`` it is not shown.
    """

    path: str
    asset: str
    name: str
    limit: float
    unit: str
    value: float
    data_until_us: int
    issued_us: int
    valid_s: float
    since_us: int
    crosses_us: int
    earliest_us: int | None = None
    latest_us: int | None = None


class ClassHistory(msgspec.Struct, frozen=True):
    """A class of assets of this plant: ``failures`` on record of the ``needed`` to learn from."""

    asset_class: str
    assets: int
    failures: int
    needed: int
    has_model: bool = False


class ModelInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input of a model's card. ``role`` = name of the measured value; ``tag`` = path below the asset.

    ``low``/``high`` = range it was trained on. ``group`` = what it is explained under.
    """

    role: str
    unit: str
    tag: str = ""
    required: bool = True
    low: float | None = None
    high: float | None = None
    group: str = ""


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``card.json`` beside ``model.onnx``. Every field without a default must be there.

    ``features`` = name and version of the function that makes the inputs, ``windows_h`` and ``bucket_s`` what
    it is given; ``events`` = classes of journal events that are counted. ``tiers`` = threshold by tier, with
    what was seen on validation in ``evidence``. ``calibration`` = knots (raw, true) of the probability.
    ``golden`` = rows of features and what the model answers to them. ``reference`` = quantiles of each
    feature in training, for drift.
    """

    id: str
    version: str
    kind: ModelKind
    sha256: str
    asset_class: str
    title: str
    what: str
    horizon_h: tuple[float, ...]
    features: str
    bucket_s: float
    inputs: tuple[ModelInput, ...]
    tiers: dict[str, float]
    evidence: dict[str, Any]
    metrics: dict[str, Any]
    data: dict[str, Any]
    limits: tuple[str, ...]
    golden: tuple[dict[str, Any], ...]
    reference: dict[str, tuple[float, ...]]
    trainer: dict[str, str]
    author: str
    failures: int
    approver: str = ""
    windows_h: tuple[float, ...] = ()
    events: tuple[str, ...] = ()
    normal: dict[str, tuple[float, float]] = {}
    calibration: tuple[tuple[float, float], ...] = ()
    ambient: tuple[str, ...] = ()
    extra: dict[str, Any] = {}


class Drift(msgspec.Struct, frozen=True):
    """How far the inputs of a model are from its training. ``psi`` by feature: 0.1 warns, 0.25 blocks ACT."""

    psi: dict[str, float]
    outside: float
    mean_p: float | None = None
    rate: float | None = None
    text: str = ""


class ModelState(msgspec.Struct, frozen=True):
    """One version of a model in the registry, and how it does here.

    ``baselines`` = how what needs no learning did on the same assets and hours, by name; () = not known.
    """

    card: ModelCard
    role: ModelRole
    why: str = ""
    assets: tuple[str, ...] = ()
    rates: tuple[HitRate, ...] = ()
    drift: Drift | None = None
    since_us: int = 0
    by: str = ""
    signed: bool = False
    baselines: tuple[tuple[str, HitRate], ...] = ()


class Episode(msgspec.Struct, frozen=True):
    """One warning from its beginning to its outcome. ``verdict`` of a person with a reason is a label.

    ``act_us`` = when it reached ACT, 0 = never.
    """

    id: int
    asset: str
    tier: Tier
    model: str
    version: str
    begun_us: int
    ended_us: int = 0
    peak: float = 0.0
    outcome: Outcome = "open"
    failed_us: int = 0
    lead_h: float | None = None
    by: str = ""
    reason: str = ""
    is_shadow: bool = False
    act_us: int = 0

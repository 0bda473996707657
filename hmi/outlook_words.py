"""What is foreseen of an asset, in words a person can check. No Qt.

Never a bare percent, never a number that does not hold any more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.types import Abnormal, Contribution, Outlook, Rul, SimilarCase, Tier
from hmi import formats, values
from hmi.formats import sentence, t
from hmi.model import Model
from hmi.outlook_book import is_current

TIERS: Mapping[Tier, str] = {"": "Nothing foreseen", "watch": "Watch", "act": "Act"}
LAYERS = {
    "limits": "limits",
    "normal": "its own normal",
    "failure": "a model of failures",
    "rul": "a model of its life",
}
MOST_BARS, MOST_PARTS = 4, 3
_ODDS = (
    *((1, of) for of in (100, 50, 30, 20, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2)),
    *((2, 3), (3, 4), (4, 5), (7, 8), (9, 10), (19, 20), (29, 30), (49, 50), (99, 100)),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that speaks for it. ``share`` 0…1 of the strongest; ``value`` against normal, "" = none."""

    name: str
    share: float
    value: str


@dataclass(frozen=True, slots=True)
class Block:
    """What stands on a faceplate, from top to bottom; what is empty takes no room.

    ``title`` with the mark of ``tier``; ``story`` = how often it was right, how likely; ``bars`` = what
    speaks for it; ``more`` = since when, what it is like, how long it lives; ``abnormal`` and its ``tags``;
    ``cautions`` = why it is worth less; ``foot`` = who watches, from what. ``episode`` = the open warning
    that can be judged, 0 = there is none.
    """

    title: str
    tier: Tier = ""
    story: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    more: tuple[str, ...] = ()
    abnormal: str = ""
    tags: tuple[Bar, ...] = ()
    cautions: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    episode: int = 0


def odds(p: float) -> str:
    """A probability 0…1 as people count: ``about 1 in 3``; the nearest of a few fractions, by log-odds."""
    if not 0.0 <= p <= 1.0:
        return t("not known")
    if p < 0.01:
        return t("less than 1 in 100")
    if p > 0.99:
        return t("more than 99 in 100")
    right, of = _fraction(p)
    return t("about {n} in {of}", n=right, of=of)


def _fraction(p: float) -> tuple[int, int]:
    return min(_ODDS, key=lambda each: abs(_log_odds(each[0] / each[1]) - _log_odds(p)))


def _log_odds(p: float) -> float:
    return math.log(p / (1.0 - p))


def silent(why: str) -> Block:
    """Nothing may be shown as current, and why."""
    return Block(why)


def block_of(outlook: Outlook | None, model: Model, now_us: int, trouble: str = "") -> Block:
    """What to say of an asset now. ``trouble`` = of predictions as a whole.

    ``outlook`` None = the engine tells nothing of this asset.
    """
    cautions = (sentence(trouble),) if trouble else ()
    if outlook is None:
        return Block(t("Only limits watch this asset."), cautions=cautions)
    foot = (_watched_by(outlook),)
    claims = outlook.p24, outlook.p48, outlook.rul, outlook.abnormal
    if not is_current(outlook, now_us) and (outlook.issued_us or any(each is not None for each in claims)):
        old, valid = (formats.span(each) for each in (_old_s(outlook, now_us), outlook.valid_s))
        why = t("Withdrawn: made {old} ago, and it holds for {valid}.", old=old, valid=valid)
        if now_us < outlook.issued_us:
            why = t("Withdrawn: it is dated in the future; the clock was set back.")
        return Block(why, cautions=cautions, foot=foot)
    made_of = (*foot, *_made_of(outlook, model, now_us))
    abnormal = outlook.abnormal if outlook.abnormal is not None and outlook.abnormal.since_us else None
    rest = {
        "abnormal": _abnormal(outlook.abnormal, model, now_us),
        "tags": _bars(() if abnormal is None else abnormal.top, outlook.asset, model),
        "cautions": (*_cautions(outlook), *cautions),
        "foot": made_of if outlook.data_until_us else foot,
    }
    if outlook.reason:
        return Block(_no_prediction(outlook.reason), **rest)
    if outlook.p24 is None and outlook.p48 is None:
        return Block(_without_odds(outlook), more=_life(outlook.rul, model), **rest)
    more = (
        _since(outlook, model, now_us),
        _like(outlook.similar, model),
        *_life(outlook.rul, model),
        _rule(outlook),
    )
    return Block(
        title(outlook),
        outlook.tier,
        story=(*_record(outlook), _likely(outlook)),
        bars=_bars(outlook.top, outlook.asset, model),
        more=tuple(each for each in more if each),
        episode=outlook.episode,
        **rest,
    )


def title(outlook: Outlook) -> str:
    """``Act: press seal will fail within 48 h``."""
    if not outlook.tier:
        return t(TIERS[""])
    ahead = 24 if outlook.p48 is None else 48
    what = outlook.what or t("trouble")
    return t("{tier}: {what} within {n}\u00a0h", tier=t(TIERS[outlook.tier]), what=what, n=ahead)


def line(outlook: Outlook) -> str:
    """``Press › Hydraulics: Act: press seal will fail within 48 h``."""
    return t("{where}: {what}", where=outlook.asset.replace("/", " \u203a "), what=title(outlook))


def parts(asset: str, tiers: Mapping[str, Tier], model: Model) -> str:
    """What is foreseen of things within an asset, in a line; "" = nothing."""
    found = [path for path in tiers if path.startswith(f"{asset}/") or (not asset and path)]
    found.sort(key=lambda path: (tiers[path] != "act", path))
    told = [t("{name} ({tier})", name=_name(path, model), tier=t(TIERS[tiers[path]])) for path in found]
    more = t(" and {n} more", n=len(told) - MOST_PARTS) if len(told) > MOST_PARTS else ""
    return t("Within it: {parts}{more}.", parts=", ".join(told[:MOST_PARTS]), more=more) if told else ""


def _name(path: str, model: Model) -> str:
    known = model.assets.get(path)
    return known.name if known is not None else path.rpartition("/")[2]


def _no_prediction(reason: str) -> str:
    if reason.startswith("withdrawn"):
        return sentence(reason)
    return t("No prediction: {why}.", why=reason.strip().rstrip("."))


def _without_odds(outlook: Outlook) -> str:
    """A model of its life alone, or nothing but its own normal, or not even that."""
    if outlook.rul is not None:
        return t("No prediction of failures; its remaining life is estimated.")
    if set(outlook.layers) <= {"limits"}:
        return t("Only limits watch this asset.")
    return t("No prediction of failures.")


def _record(outlook: Outlook) -> tuple[str, ...]:
    """How often such warnings were right here. Without a tier: the record of the first one."""
    if not outlook.tier:
        return ()
    rate = next((each for each in outlook.rates if each.tier == outlook.tier), None)
    if rate is None or not rate.right + rate.wrong:
        told = t("No such warning here yet: how often it is right is not known.")
        return (told, _missed(rate.missed)) if rate is not None and rate.missed else (told,)
    told = t("{n} of {all} such warnings here were right", n=rate.right, all=rate.right + rate.wrong)
    if rate.right + rate.wrong == 1:
        told = t("The one such warning here was right") if rate.right else t("The one here was wrong")
    if rate.lead_h is not None:
        told = t("{told} · about {span} ahead", told=told, span=formats.span(rate.lead_h * 3600))
    return (told, _missed(rate.missed)) if rate.missed else (told,)


def _missed(count: int) -> str:
    return t("1 failure here came without one") if count == 1 else t("{n} failures came without", n=count)


def _likely(outlook: Outlook) -> str:
    told = [
        t("{odds} within {h} h", h=hours, odds=odds(p))
        for hours, p in ((24, outlook.p24), (48, outlook.p48))
        if p is not None
    ]
    if told and not outlook.tier:
        told[0] = t("{what}: {odds}", what=outlook.what or t("trouble"), odds=told[0])
    return _capital(" · ".join(told))


def _since(outlook: Outlook, model: Model, now_us: int) -> str:
    if not outlook.tier or not outlook.since_us:
        return ""
    return t("Since {time}", time=formats.moment(outlook.since_us, now_us, model.plant.timezone))


def _like(case: SimilarCase | None, model: Model) -> str:
    if case is None:
        return ""
    facts: dict[str, str] = {"asset": _name(case.asset, model), "ended": case.ended}
    facts["day"] = formats.date_of(case.at_us, model.plant.timezone)
    if case.lead_h is None:
        return t("Most like {day}, {asset}: {ended}", **facts)
    return t("Most like {day}, {asset}: {ended} {span} later", **facts, span=formats.span(case.lead_h * 3600))


def _life(rul: Rul | None, model: Model) -> tuple[str, ...]:
    if rul is None:
        return ()
    digits = 1 if abs(rul.high) < 10 else 0
    ends = (formats.number(each, digits, model.plant.locale) for each in (rul.value, rul.low, rul.high))
    facts: dict[str, object] = dict(zip(("value", "low", "high"), ends, strict=True))
    facts["n"], facts["of"] = _fraction(min(0.99, max(0.01, rul.share)))
    told = "Remaining life about {value} {unit}: {low} to {high} in {n} of {of} cases"
    return (t(told, unit=rul.unit, **facts),)


def _rule(outlook: Outlook) -> str:
    """What the plain rule says beside it: it needs no trust in a model."""
    if outlook.baseline:
        return t("The plain rule of limits and events warns too.")
    return t("The plain rule of limits and events does not warn.") if outlook.tier else ""


def _abnormal(found: Abnormal | None, model: Model, now_us: int) -> str:
    if found is None:
        return ""
    if not found.since_us:
        return t("It is as it normally is.")
    since = formats.moment(found.since_us, now_us, model.plant.timezone)
    return t("Abnormal since {time}: not as it normally is. That is no claim that it will fail.", time=since)


def _cautions(outlook: Outlook) -> tuple[str, ...]:
    return tuple(
        t("Worth less than usual: {why}", why=f"{each.rstrip('.')}.") for each in outlook.degraded if each
    )


def _watched_by(outlook: Outlook) -> str:
    known = [t(LAYERS[each]) for each in outlook.layers if each in LAYERS]
    return t("Watched by {layers}.", layers=", ".join(known) or t("limits"))


def _made_of(outlook: Outlook, model: Model, now_us: int) -> tuple[str, ...]:
    until = formats.moment(outlook.data_until_us, now_us, model.plant.timezone)
    old_s = max(0.0, (now_us - outlook.data_until_us) / 1e6)
    old = t("less than a minute old") if old_s < 60 else t("{span} old", span=formats.span(old_s))
    data = t("Data until {time}, {old}", time=until, old=old)
    return (f"{outlook.model} {outlook.version}", data) if outlook.model else (data,)


def _old_s(outlook: Outlook, now_us: int) -> float:
    return max(0.0, (now_us - outlook.issued_us) / 1e6)


def _bars(found: Sequence[Contribution], asset: str, model: Model) -> tuple[Bar, ...]:
    strongest = max((each.weight for each in found if each.weight > 0), default=0.0)
    return tuple(
        Bar(
            _capital(each.group.rpartition("/")[2]),
            min(1.0, each.weight / strongest),
            _against_normal(each, asset, model),
        )
        for each in found[:MOST_BARS]
        if each.weight > 0
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _against_normal(found: Contribution, asset: str, model: Model) -> str:
    if found.value is None and found.normal is None:
        return ""
    told = [t("no value") if found.value is None else _amount(found, found.value, asset, model)]
    if found.normal is not None:
        told.append(t("normally {amount}", amount=_amount(found, found.normal, asset, model)))
    return ", ".join(told)


def _amount(found: Contribution, value: float, asset: str, model: Model) -> str:
    """With the digits that the tag has, where it is one."""
    at = next(
        (model.index[each] for each in (f"{asset}/{found.tag}", found.tag) if each in model.index), None
    )
    tag = None if at is None else model.tags[at]
    # A mean of states or of on and off is a number, and no state.
    if tag is not None and tag.type != "bool" and not tag.states and found.unit in ("", tag.unit):
        unit = f"{formats.THIN}{tag.unit}" if tag.unit else ""
        return f"{values.value_text(tag, value, model.plant)}{unit}"
    return formats.quantity(value, None, found.unit, model.plant.locale)

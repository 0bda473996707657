"""What System shows: the list of sources, the page of the chosen one, the engine's figures. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from engine.typed import convert
from engine.types import EngineStatus, Plant, SourceDetail, SourceNote, SourceStatus, quality_word
from hmi import formats, links
from hmi.formats import t
from hmi.links import Trouble

Mark = Literal["well", "look", "unknown"]
"""Hollow = nobody needs to look; filled = a person must; clock = not known, the engine is silent."""


Page = Literal["source", "engine", "quality", "clocks", "people", "ledger", "models"]
PAGES: tuple[Page, ...] = ("source", "engine", "quality", "clocks", "people", "ledger", "models")


@dataclass(frozen=True, slots=True)
class System:
    """The sources as last told, in file order, the one chosen ("" = none), and the page that is open."""

    sources: tuple[SourceStatus, ...] = ()
    chosen: str = ""
    is_stalled: bool = False
    page: Page = "source"


@dataclass(frozen=True, slots=True)
class Row:
    """One source in the list."""

    id: str
    mark: Mark
    state: str
    good: str
    age: str

    @property
    def spoken(self) -> str:
        """The row as it is read aloud."""
        needs = t("needs a look") if self.mark == "look" else ""
        return ", ".join(part for part in (self.id, needs, self.state, self.good) if part)


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is true of it. ``is_poor`` = a person must look."""

    name: str
    text: str
    is_poor: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing about a source."""

    what: str
    do: str
    since: str


Cells = tuple[str, ...]
"""One row of a table, in the words on the screen."""


def told(state: System, sources: Sequence[SourceStatus]) -> System:
    """The newest news; the chosen source stays chosen while it exists, else the first that needs a look."""
    listed = tuple(sources)
    ids = {source.id for source in listed}
    chosen = state.chosen if state.chosen in ids else ""
    if not chosen and listed:
        chosen = ordered(listed)[0].id
    return replace(state, sources=listed, chosen=chosen)


def opened(state: System, source_id: str) -> System:
    """The page of another source; an unknown one changes nothing."""
    known = any(source.id == source_id for source in state.sources)
    return replace(state, chosen=source_id, page="source") if known else state


def turned(state: System, page: Page) -> System:
    """Another page; the chosen source stays the one to come back to."""
    return replace(state, page=page)


def status_of(state: System) -> SourceStatus | None:
    """The chosen source."""
    return next((source for source in state.sources if source.id == state.chosen), None)


def ordered(sources: Sequence[SourceStatus]) -> tuple[SourceStatus, ...]:
    """Without a link first, then with something else to see to, then the rest; else in file order."""
    return tuple(
        sorted(sources, key=lambda each: 0 if each.state != "connected" else 2 - links.needs_look(each))
    )


def rows(state: System, locale: str) -> tuple[Row, ...]:
    """The list of sources, those that need a look first."""
    return tuple(_row(source, state.is_stalled, locale) for source in ordered(state.sources))


def _row(source: SourceStatus, is_stalled: bool, locale: str) -> Row:
    good = t("{good} of {tags}", good=_count(source.good, locale), tags=_count(source.tags, locale))
    if is_stalled:
        return Row(source.id, "unknown", t("not known"), good, "")
    mark: Mark = "look" if links.needs_look(source) else "well"
    age = "" if source.age_s is None else formats.age(source.age_s)
    return Row(source.id, mark, _short_state(source), good, age)


def _short_state(source: SourceStatus) -> str:
    words = links.state_word(source.state)
    if source.state != "connected":
        return words
    poor = source.tags - source.good
    if poor > 0:
        return t("1 tag needs a look") if poor == 1 else t("{n} tags need a look", n=poor)
    if links.is_clock_off(source):
        return t("clock {off}", off=formats.offset(source.clock_offset_s or 0.0))
    if source.notes:
        more = t("1 note") if source.notes == 1 else t("{n} notes", n=source.notes)
        return f"{words} · {more}"
    return f"{words} · {source.driver}"


def summary(state: System) -> str:
    """How many sources there are and how many need a look, in a short line."""
    count = len(state.sources)
    if state.is_stalled:
        return t("not known")
    poor = sum(links.needs_look(source) for source in state.sources)
    if not count:
        return t("none yet")
    if not poor:
        return t("all {n} well", n=count) if count > 1 else t("well")
    return t("{n} of {all} need a look", n=poor, all=count) if count > 1 else t("needs a look")


# The page of one source


def headline(source: SourceStatus, is_stalled: bool = False) -> str:
    """The state of a link in one or two plain sentences."""
    if is_stalled:
        return t("Not known: the engine does not answer. Below is what it said last.")
    good = _good_words(source)
    if source.state == "connected":
        how = (
            t("Connected over an open link, not encrypted.")
            if source.security == "none"
            else t("Connected and encrypted ({policy}).", policy=source.security)
            if source.security
            else t("Connected.")
        )
        return " ".join(part for part in (how, good, _clock_words(source)) if part)
    if source.state == "stale":
        return t("Connected, but no answer for {span}.", span=_since(source))
    if source.state == "refused":
        return t("Refused: the link stays closed until a person acts.")
    if source.state == "stopped":
        return t("Stopped: the engine does not talk to this source.")
    if source.age_s is None:
        return t("Not connected yet. The engine keeps trying by itself.")
    return t(
        "Connection lost, last news {ago}. The engine keeps trying by itself.", ago=formats.ago(source.age_s)
    )


def _clock_words(source: SourceStatus) -> str:
    if not links.is_clock_off(source):
        return ""
    return t("Its clock is {off}.", off=formats.offset(source.clock_offset_s or 0.0))


def _since(source: SourceStatus) -> str:
    return t("some time") if source.age_s is None else formats.span(source.age_s)


def _good_words(source: SourceStatus) -> str:
    if not source.tags:
        return t("No tag uses it yet: add lines with this source to tags.csv.")
    if source.good == source.tags:
        return t("{good} of {tags} tags good.", good=source.good, tags=source.tags)
    poor = source.tags - source.good
    need = t("1 needs a look") if poor == 1 else t("{n} need a look", n=poor)
    return t("{good} of {tags} tags good, {need}.", good=source.good, tags=source.tags, need=need)


def page_mark(source: SourceStatus, is_stalled: bool) -> Mark:
    """The mark before the headline."""
    return "unknown" if is_stalled else "look" if links.needs_look(source) else "well"


def trouble(source: SourceStatus) -> Trouble | None:
    """What is wrong with the link and what to do; None while it works."""
    found = links.trouble(source)
    return found if found.what else None


def can_retry(source: SourceStatus, is_stalled: bool) -> bool:
    """Trying now would shorten a wait."""
    return not is_stalled and source.state in ("connecting", "refused")


def notes(detail: SourceDetail, plant: Plant, now_us: int) -> tuple[Note, ...]:
    """The notes of a source, newest last, in whole sentences."""
    return tuple(_note(note, detail.status.id, plant, now_us) for note in detail.notes)


def _note(note: SourceNote, name: str, plant: Plant, now_us: int) -> Note:
    since = formats.moment(note.since_us, now_us, plant.timezone)
    return Note(
        formats.sentence(note.what, name), formats.sentence(note.do, name), t("since {when}", when=since)
    )


def link_facts(source: SourceStatus, detail: SourceDetail | None, locale: str) -> tuple[Fact, ...]:
    """Everything known of the link, by name; what the driver told comes last."""
    off = source.clock_offset_s
    clock = t("not told by the device") if off is None else formats.offset(off)
    fixed = [
        Fact(t("Endpoint"), source.endpoint),
        Fact(t("Security"), formats.sentence(links.security(source)).rstrip(".")),
        Fact(t("Last news"), t("never") if source.age_s is None else formats.age(source.age_s)),
        Fact(t("Rate"), links.rate(source, locale)),
        Fact(t("Its clock"), clock, links.is_clock_off(source)),
        Fact(t("Reconnects"), _count(source.reconnects, locale)),
        Fact(t("Dropped"), t("{n} samples", n=_count(source.dropped, locale))),
    ]
    told_by_driver = () if detail is None else detail.facts
    known = {fact.name.casefold() for fact in fixed}
    named = [
        Fact(name[:1].upper() + name[1:], text)
        for name, text in told_by_driver
        if name.casefold() not in known
    ]
    # While it lasts it stands above, in two blocks.
    is_over = source.state == "connected" and source.last_error
    last = [Fact(t("Last trouble"), source.last_error)] if is_over else []
    return (*fixed, *named, *last)


def troubled_rows(detail: SourceDetail) -> tuple[Cells, ...]:
    """Tags without a good value: tag, address, quality word, why."""
    return tuple(
        (each.path, each.address, t(quality_word(each.status)), formats.one_line(each.why))
        for each in detail.troubled
    )


def troubled_words(detail: SourceDetail | None, is_stalled: bool) -> str:
    """How many tags are in trouble, beside the title of the table."""
    if detail is None or (is_stalled and not detail.troubled_count):
        return t("not known yet")
    if detail.troubled_count > len(detail.troubled):
        return t("the first {n} of {all}", n=len(detail.troubled), all=detail.troubled_count)
    return str(detail.troubled_count) if detail.troubled_count else t("none")


def waiting_words() -> str:
    """What stands on the page until the engine has told the details."""
    return t("Waiting for the engine to tell.")


def calm_words(source: SourceStatus, detail: SourceDetail | None, is_stalled: bool) -> str:
    """What stands where the tags in trouble would stand; it never says more than is known."""
    if is_stalled:
        return t("Not known: the engine does not answer.")
    if detail is None or source.good < source.tags:
        return waiting_words()
    if not source.tags:
        return t("No tag uses this source yet. Tags are lines of tags.csv; F1 shows how.")
    return t("All {n} tags have good values.", n=source.tags) if source.tags > 1 else t("Its tag is good.")


def event_rows(detail: SourceDetail, plant: Plant, now_us: int) -> tuple[Cells, ...]:
    """The last changes of the state, newest first: time at the plant, state, why."""
    return tuple(
        (
            formats.moment(event.time_us, now_us, plant.timezone),
            links.state_word(event.state),
            formats.one_line(event.why),
        )
        for event in reversed(detail.events)
    )


def as_detail(answer: Any) -> SourceDetail | None:
    """The answer to ``source`` as a struct; None when it cannot be read."""
    try:
        return convert(answer, SourceDetail)
    except msgspec.ValidationError:
        return None


# The engine


def engine_facts(
    status: EngineStatus | None, sources: Sequence[SourceStatus], locale: str
) -> tuple[Fact, ...]:
    """The engine's figures by name."""
    if status is None:
        return (Fact(t("Engine"), t("no figures yet")),)
    lag = status.lag_ms_p99
    kept = formats.number(status.rate_filtered, 0, locale)
    order = t(
        "{late} late, {twice} twice",
        late=_count(status.late, locale),
        twice=_count(status.duplicates, locale),
    )
    return (
        Fact(t("Version"), status.version),
        Fact(t("Running for"), formats.span(status.uptime_s)),
        Fact(t("Values in"), t("{n}/s, {kept}/s kept", n=_count(round(status.rate_in), locale), kept=kept)),
        Fact(
            t("Lag, 99 of 100"),
            t("not measured yet") if lag is None else t("{n} ms", n=_count(round(lag), locale)),
        ),
        Fact(t("Memory"), t("{n} MB", n=_count(round(status.rss_mb), locale))),
        Fact(t("CPU"), t("{n} %", n=formats.number(status.cpu_pct, 1, locale))),
        Fact(t("Dropped"), t("{n} samples", n=_count(status.dropped, locale)), status.dropped > 0),
        *((Fact(t("Out of order"), order),) if status.late or status.duplicates else ()),
        _clocks(sources),
    )


def _clocks(sources: Sequence[SourceStatus]) -> Fact:
    chip = links.clock_chip(sources)
    if chip is not None:
        return Fact(t("Clocks"), f"{chip.source} {chip.words}", True)
    told_by = [source for source in sources if source.clock_offset_s is not None]
    if not told_by:
        return Fact(t("Clocks"), t("no device tells its time"))
    return Fact(t("Clocks"), t("within {n} s of ours", n=int(links.CLOCK_OFF_S)))


def _count(number: int, locale: str) -> str:
    return formats.number(number, 0, locale)

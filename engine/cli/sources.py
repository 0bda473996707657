"""How ``status`` speaks of the engine and its sources to a person."""

from __future__ import annotations

from engine.cli.out import say, table
from engine.clock import rfc3339
from engine.types import SourceDetail, SourceStatus, quality_word
from engine.wire import StatusAnswer


def print_status(answer: StatusAnswer) -> None:
    """The engine in a sentence, the sources in a table, and what is to be done about each of them."""
    engine = answer.engine
    late = f", {engine.late} late" if engine.late else ""
    twice = f", {engine.duplicates} twice" if engine.duplicates else ""
    say(
        f"engine {engine.version}, process {engine.pid}, up {engine.uptime_s:.0f} s: {engine.tags} tags, "
        f"{engine.good} good, {engine.uncertain} uncertain, {engine.bad} bad; "
        f"{engine.rate_in:.1f} samples/s in, {engine.rate_filtered:.1f} kept, {engine.dropped} dropped"
        f"{late}{twice}; {engine.rss_mb:.0f} MB, {engine.cpu_pct:.0f} % CPU"
    )
    if engine.trouble:
        say(f"trouble: {engine.trouble}")
    rows = [("SOURCE", "DRIVER", "STATE", "SECURITY", "GOOD", "RATE", "CLOCK")]
    for each in answer.sources:
        rate, good = f"{each.rate_in:.1f}/s", f"{each.good} of {each.tags}"
        rows.append((each.id, each.driver, each.state, each.security, good, rate, clock_words(each)))
    table(rows)
    for each in answer.sources:
        _print_matter(each)


def clock_words(status: SourceStatus) -> str:
    """How far the device's clock is off, "" where it has none or nobody knows."""
    return "" if status.clock_offset_s is None else f"{status.clock_offset_s:+.1f} s"


def _print_matter(status: SourceStatus) -> None:
    if status.what:
        say(f"{status.id}: {status.what}")
        if status.do:
            say(f"  to do: {status.do}")
    elif status.good < status.tags:
        missing = status.tags - status.good
        say(f"{status.id}: {missing} tags have no good value, see: watchroom status DIR --source {status.id}")
    elif status.last_error:
        say(f"{status.id}: well now; before: {status.last_error}")
    if status.notes:
        verb = "is 1 note" if status.notes == 1 else f"are {status.notes} notes"
        say(f"{status.id}: there {verb}, see: watchroom status DIR --source {status.id}")


def print_source(detail: SourceDetail) -> None:
    """Everything about one source, the matter with it first."""
    status = detail.status
    security = f", security {status.security}" if status.security else ""
    say(f"{status.id}: {status.state}, {status.driver} at {status.endpoint}{security}")
    age = "never" if status.age_s is None else f"{status.age_s:.1f} s ago"
    say(
        f"{status.good} of {status.tags} tags good, {status.rate_in:.1f} samples/s, "
        f"{status.dropped} dropped, {status.reconnects} reconnects, last news {age}"
    )
    if status.clock_offset_s is not None:
        say(f"the device's clock is off by {clock_words(status)}")
    if status.what:
        say(f"what: {status.what}")
        say(f"to do: {status.do or 'nothing, it is tried again'}")
    for note in detail.notes:
        say(f"note: {note.what}")
        if note.do:
            say(f"  to do: {note.do}")
    for name, text in detail.facts:
        say(f"{name}: {text}")
    _print_tables(detail)


def _print_tables(detail: SourceDetail) -> None:
    if detail.troubled:
        say(f"{detail.troubled_count} tags without a good value" + _first(detail))
        table([(each.path, each.address, quality_word(each.status), each.why) for each in detail.troubled])
    if detail.events:
        say("changes, newest last")
        table([(rfc3339(each.time_us), each.state, each.why) for each in detail.events])
    if detail.certificates:
        say("certificates")
        table([(each.place, each.thumbprint, each.subject, each.uri) for each in detail.certificates])


def _first(detail: SourceDetail) -> str:
    shown = len(detail.troubled)
    return "" if shown == detail.troubled_count else f", the worst {shown} of them"

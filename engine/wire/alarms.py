"""What requests and answers about alarms hold.

A client asks ``alarms`` a few times a second with the version that it has and gets what changed since: so
it is right again after any loss of the link, without a stream of events to catch up with.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.types import (
    Alarm,
    AlarmChange,
    AlarmClass,
    AlarmCounts,
    AlarmSettings,
    CommandName,
    Flood,
    Letter,
    Limit,
    LimitKind,
    Problem,
    What,
)


class AlarmsBody(msgspec.Struct, frozen=True):
    """Body of ``alarms``: the ``version`` of the last answer, 0 = none."""

    version: int = 0


class AlarmsAnswer(msgspec.Struct, frozen=True):
    """Answer to ``alarms``: every alarm that is not plainly normal (A), as it changed since.

    ``is_whole`` = these are all, forget the others; otherwise ``gone`` = ids that are normal now.
    ``is_more`` = more did not fit into this answer: ask at once with its version (a whole one goes on so).
    """

    version: int
    is_whole: bool
    alarms: tuple[Alarm, ...] = ()
    gone: tuple[int, ...] = ()
    counts: AlarmCounts = AlarmCounts()
    flood: Flood | None = None
    is_more: bool = False


class AlarmCommandBody(msgspec.Struct, frozen=True):
    """Body of ``alarm_command``: what the person ``by`` does to some alarms; refused as a whole without one.

    ``alarms`` = (id, ``changed_us`` as the person saw it): an alarm that came anew meanwhile is not
    acknowledged unseen. ``text`` = reason of a shelf, permit of out of service, or the note. ``until_us`` =
    end of a shelf, UTC.
    """

    what: CommandName
    alarms: tuple[tuple[int, int], ...]
    by: str
    text: str = ""
    until_us: int = 0
    one_shot: bool = False


class AlarmCommandAnswer(msgspec.Struct, frozen=True):
    """Answer to ``alarm_command``, given once it is on disk: ids done, and for the others why not."""

    done: tuple[int, ...]
    refused: tuple[tuple[int, str], ...] = ()


class AlarmJournalBody(msgspec.Struct, frozen=True):
    """Body of ``alarm_journal``: changes noted in [start_us, end_us), the newest first.

    ``before`` = only those with a lower seq (the next page), 0 = from the newest. Empty filters let all
    through; ``under`` = a path and all below it; ``text`` is looked for in path, message, text and person.
    ``standing`` = also what there was at ``start_us`` under that path; ``letters`` = also the letters before.
    """

    start_us: int
    end_us: int
    before: int = 0
    most: int = 500
    under: str = ""
    priorities: tuple[int, ...] = ()
    kinds: tuple[LimitKind, ...] = ()
    whats: tuple[What, ...] = ()
    alarms: tuple[int, ...] = ()
    text: str = ""
    standing: bool = False
    letters: bool = False


class AlarmJournalAnswer(msgspec.Struct, frozen=True):
    """Answer to ``alarm_journal``. ``count`` = how many there are in all, None = more than were counted.

    ``standing`` = noted before the span: how each alarm that was active when it began came and who
    acknowledged it since, and each shelf; oldest first. ``before`` = the letter of its alarm before each of
    ``changes``, "" = none is on record.
    """

    changes: tuple[AlarmChange, ...]
    count: int | None = None
    standing: tuple[AlarmChange, ...] = ()
    before: tuple[Letter | Literal[""], ...] = ()


class AlarmExportBody(msgspec.Struct, frozen=True):
    """Body of the job ``alarm_export``, which ends in the number of changes written: all that are
    ``wanted``, whatever ``most`` says, newest first, to a file as csv, parquet or json.
    """

    wanted: AlarmJournalBody
    file: str
    format: str


class AlarmMetricsBody(msgspec.Struct, frozen=True):
    """Body of ``alarm_metrics``, answered with ``AlarmMetrics``; ``under`` = a path and all below it."""

    start_us: int
    end_us: int
    under: str = ""


class BacktestBody(msgspec.Struct, frozen=True):
    """Body of the job ``backtest``, which ends in a ``Backtest``: ``proposed`` in place of the limit of the
    same path, kind and name, judged on what is stored from ``start_us`` to ``end_us``.
    """

    proposed: Limit
    start_us: int
    end_us: int


class LimitsAnswer(msgspec.Struct, frozen=True):
    """Answer to ``limits``: alarms.csv as it is, the limits as they are in force, and what to think of them.

    ``mark`` names this state of the file. ``lint`` = what rationalisation should look at.
    """

    text: str
    mark: str
    limits: tuple[Limit, ...]
    classes: tuple[AlarmClass, ...] = ()
    settings: AlarmSettings = AlarmSettings()
    lint: tuple[Problem, ...] = ()


class LimitsChangeBody(msgspec.Struct, frozen=True):
    """Body of ``limits_change``: a new alarms.csv in place of the one with ``mark``; ``by`` and ``why`` go on
    record. ``is_trial`` = only say what is wrong with it.
    """

    text: str
    mark: str
    by: str
    why: str
    is_trial: bool = False


class LimitsChangeAnswer(msgspec.Struct, frozen=True):
    """Answer to ``limits_change``. With a problem of severity error nothing was changed.

    ``lint`` = of a trial, what rationalisation should look at in the new list.
    """

    is_changed: bool
    mark: str
    problems: tuple[Problem, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    lint: tuple[Problem, ...] = ()


class HornBody(msgspec.Struct, frozen=True):
    """Body of ``horn``: how the horn of ``station`` does; said at every change, and again every 20 s.

    ``why`` = what is the matter where it is not well. ``is_closing`` = the station ends, its alarm with it.
    """

    station: str
    by: str
    is_well: bool
    why: str = ""
    is_closing: bool = False


class HornAnswer(msgspec.Struct, frozen=True):
    """Answer to ``horn`` and ``horn_test``: when the horn of this station was last tested, UTC, 0 = never as
    far as is known; ``unheard`` = the priorities whose sound was not heard then.
    """

    tested_us: int = 0
    unheard: tuple[int, ...] = ()


class HornTestBody(msgspec.Struct, frozen=True):
    """Body of ``horn_test``: what the person ``by`` heard, as (priority, whether its sound was heard)."""

    station: str
    by: str
    heard: tuple[tuple[int, bool], ...]

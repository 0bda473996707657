"""What requests and answers hold, but for history."""

from __future__ import annotations

import msgspec

from engine.types import Alarm, BrowseItem, EngineStatus, HistoryStatus, Kpi, Project, SourceStatus
from engine.wire.people import Hidden


class PlantAnswer(msgspec.Struct, frozen=True):
    """Answer to ``plant``: what the project is made of, tags in live order.

    ``revision`` counts up when a device tells more of its tags; ``status`` gives the newest.
    """

    project: Project
    revision: int


class StatusAnswer(msgspec.Struct, frozen=True):
    """Answer to ``status``. Alarms are the active ones and those that lately returned, worst first."""

    engine: EngineStatus
    sources: tuple[SourceStatus, ...]
    revision: int
    alarms: tuple[Alarm, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    history: HistoryStatus | None = None


class BrowseBody(msgspec.Struct, frozen=True):
    """Body of ``browse``; an empty node is the root."""

    source: str
    node: str = ""


class BrowseAnswer(msgspec.Struct, frozen=True):
    """Answer to ``browse``."""

    items: tuple[BrowseItem, ...]


class SourceBody(msgspec.Struct, frozen=True):
    """Body of ``source``, answered with ``SourceDetail``: the id of a source in plant.toml."""

    source: str


class RetryBody(msgspec.Struct, frozen=True):
    """Body of ``retry``: all links are tried now; a refused password of ``source`` is sent once more."""

    source: str = ""


class PasswordBody(Hidden, frozen=True):
    """Body of ``password_set``, answered with ``SourceLogin``: the password of the user of a source.

    ``password_remove`` has a ``SourceBody`` and answers with True.
    """

    source: str
    password: str


class TrustBody(msgspec.Struct, frozen=True):
    """Body of ``trust`` and ``distrust``, both answered with the ``Certificate`` in its new place.

    ``thumbprint`` is the whole SHA-256 in hex, in any case, with or without colons and spaces.
    """

    source: str
    thumbprint: str


class EventsBody(msgspec.Struct, frozen=True):
    """Body of ``events``: everything after this seq, then what happens from now on; None = only that.

    ``brief`` = names of events that come in crowds: of those that are told together only the last is sent,
    without its body.
    """

    after: int | None = None
    brief: tuple[str, ...] = ()

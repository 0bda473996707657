"""What requests and answers about the scene, the past of alarms and clocks hold."""

from __future__ import annotations

import msgspec

from engine.types import Alarm, DeviceClock, HostClock, Part, Plan, Problem, SavedView, ScaleClass


class SceneFile(msgspec.Struct, frozen=True):
    """One file of scene/ as it is on disk. ``mark`` changes with its content; "" = there is no such file.

    ``problem`` = why it cannot be changed here, with file and line: somebody broke it by hand; "" = it can.
    """

    name: str
    mark: str
    parts: tuple[Part, ...]
    problem: str = ""


class SceneAnswer(msgspec.Struct, frozen=True):
    """Answer to ``scene``: every file with parts, the saved views and the plan, with the mark of their file.

    ``models`` = files below scene/models/, ``plans`` = pictures below scene/.
    """

    files: tuple[SceneFile, ...]
    views: tuple[SavedView, ...]
    plan: Plan | None
    views_mark: str
    models: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()


class SceneChangeBody(msgspec.Struct, frozen=True):
    """Body of ``scene_change``: these parts in place of all of one file, or these views and this plan.

    ``file`` "views.toml" = views and plan, any other = parts. ``mark`` = that of the text it was made from:
    if the file has another by now nothing is written. ``is_trial`` = say only what would be wrong.
    """

    file: str
    mark: str
    parts: tuple[Part, ...] = ()
    views: tuple[SavedView, ...] = ()
    plan: Plan | None = None
    by: str = ""
    reason: str = ""
    is_trial: bool = False


class SceneChangeAnswer(msgspec.Struct, frozen=True):
    """Answer to ``scene_change``: the new mark, and what is wrong; with an error nothing was written."""

    mark: str
    problems: tuple[Problem, ...] = ()


class AlarmsAtBody(msgspec.Struct, frozen=True):
    """Body of ``alarms_at``: an instant of the past."""

    at_us: int


class AlarmsAtAnswer(msgspec.Struct, frozen=True):
    """Answer to ``alarms_at``: the alarms as they stood at ``at_us``, worst first, from the alarm journal.

    ``since_us`` = the journal knows nothing before; ``is_whole`` False = it was not written all the time.
    """

    at_us: int
    alarms: tuple[Alarm, ...]
    since_us: int
    is_whole: bool = True


class ClocksAnswer(msgspec.Struct, frozen=True):
    """Answer to ``clocks``."""

    host: HostClock
    devices: tuple[DeviceClock, ...]
    scales: tuple[ScaleClass, ...]

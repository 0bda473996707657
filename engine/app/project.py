"""Loading a project folder with the installed drivers' rules."""

from __future__ import annotations

import logging
from pathlib import Path

from engine import config
from engine.app.drivers import drivers
from engine.config import half_import
from engine.types import Problem, Project

log = logging.getLogger("watchroom.project")


class BadProject(Exception):
    """The project folder has errors; ``problems`` says which, by file and line."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        errors = [str(problem) for problem in problems if problem.severity == "error"]
        super().__init__(f"{folder} cannot be used:\n" + "\n".join(errors))
        self.problems = problems


def load(folder: Path) -> Project:
    """Read a project.

    Raises:
        BadProject: it has errors.
    """
    project, problems = config.read(folder, drivers())
    if project is None:
        raise BadProject(folder, problems)
    return project


def finish_import(folder: Path) -> None:
    """Write what an import left that was stopped halfway; where that cannot be, ``check`` goes on telling."""
    try:
        for name in half_import.finish(folder):
            log.warning("%s was changed since an import was stopped halfway, and is kept as it is", name)
    except (OSError, ValueError) as error:
        log.warning("an import that was stopped halfway cannot be finished: %s", error)

"""Loading a project folder with the installed drivers' rules."""

from __future__ import annotations

from pathlib import Path

from engine import config
from engine.app.drivers import drivers
from engine.types import Problem, Project


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

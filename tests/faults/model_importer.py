"""A process that changes a registry of models as fast as it can and says what it does: to be killed.

``python -m tests.faults.model_importer FOLDER``. Lines on stdout: "will ROLES" before a change, "did ROLES"
once it is kept; ROLES = JSON, version to role.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from engine.clock import SystemClock
from engine.prediction import registry as registry_module
from engine.prediction.registry import Change, Registry
from tests.engine.prediction.packages import pack

BY, WHY = "A. Engineer", "to be killed"


class NoProcess:
    """In place of the guarded process: starting one for each import would leave little to kill."""

    def __init__(self, checked: object) -> None:
        self.checked = checked

    def close(self) -> None:
        """Nothing runs."""


def roles(registry: Registry) -> dict[str, str]:
    """Version to role."""
    return {state.card.version: state.role for state in registry.states()}


def do(registry: Registry, change: Change) -> None:
    """Make a change and say so before and after."""
    wanted = {**roles(registry), **{key.split()[1]: role for key, role in change.roles.items()}}
    say("will", wanted)
    registry.carry_out(change)
    say("did", roles(registry))


def say(word: str, what: dict[str, str]) -> None:
    os.write(1, word.encode() + b" " + msgspec.json.encode(what, order="sorted") + b"\n")


def main(folder: Path) -> None:
    """Import, promote, roll back and retire until killed."""
    registry_module.GuardedModel = NoProcess  # type: ignore[misc,assignment]
    registry = Registry(folder / "models", SystemClock().now_us, lambda sha256: True)
    say("did", roles(registry))
    k = len(registry.states())
    while True:
        version = f"v{k}"
        pack(folder / "from", version=version)
        do(registry, registry.importing(folder / "from", BY, WHY))
        do(registry, registry.promoting("pump-failure", version, BY, WHY, {}, is_override=True))
        if k % 2:
            do(registry, registry.rolling_back("failure", "pump", BY, WHY))
            do(registry, registry.moving("pump-failure", version, "retired", BY, WHY))
        k += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))

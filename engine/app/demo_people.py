"""The people of a demo: made once for a demo plant, marked wherever they are named, never for a real one."""

from __future__ import annotations

from pathlib import Path

from engine import paths
from engine.security.security import Security
from engine.types import DEMO_PASSWORD, DEMO_PIN, Role, RoleAt
from engine.wire import PersonEdit

PEOPLE: tuple[tuple[str, str, Role], ...] = (
    ("mara", "Mara Lind", "operator"),
    ("jonas", "Jonas Weber", "shift lead"),
    ("tomas", "Tomas Silva", "maintenance"),
    ("aiko", "Aiko Mori", "engineer"),
    ("nadia", "Nadia Haddad", "administrator"),
    ("peter", "Peter Novak", "auditor"),
)


def is_demo(folder: Path) -> bool:
    """Whether a project is that of a demo plant: its own folder of keys is there."""
    return (paths.data(folder) / "demo-plant" / "plant").exists()


async def add_people(security: Security) -> None:
    """Make the people of the demo.

    Raises:
        Denied: there are people already.
    """
    await security.add_demo([
        (PersonEdit(name, full, (RoleAt(role),), password=DEMO_PASSWORD, must_change=False), DEMO_PIN)
        for name, full, role in PEOPLE
    ])  # fmt: skip

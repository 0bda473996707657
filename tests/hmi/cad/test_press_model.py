"""The CAD model that the press demo ships."""

from __future__ import annotations

import tomllib
from pathlib import Path

from engine.typed import convert
from engine.types import Part
from hmi.cad.binding import below, unused_binds
from hmi.cad.places import note_of, read_note
from hmi.cad.store import mapped
from hmi.cad.worker import read_into
from tests.hmi.cad.press_model import FILE, press_glb

MOST_BYTES = 300_000


def model_part() -> Part:
    text = (FILE.parents[1] / "hall.toml").read_text(encoding="utf-8")
    parts = convert(tomllib.loads(text)["parts"], list[Part])
    return next(part for part in parts if part.shape == "model")


def test_the_shipped_model_is_what_its_script_writes() -> None:
    assert FILE.read_bytes() == press_glb(), "run python -m tests.hmi.cad.press_model"
    assert FILE.stat().st_size < MOST_BYTES


def test_the_scene_of_the_demo_binds_and_moves_nodes_that_are_there(tmp_path: Path) -> None:
    part = model_part()
    assert read_into(FILE.parent, part.file, tmp_path) == ""
    note = read_note(note_of(tmp_path, FILE.parent, part.file))
    assert note is not None
    model = mapped(tmp_path / note.entry, part.file)
    assert unused_binds(model, part.binds) == ()
    for motion in part.motions:
        assert below(model, motion.joint)
    ram = below(model, "Ram")
    low = min(float(node.points[:, 1].min()) for node in ram)  # glTF is y-up
    tool = max(float(node.points[:, 1].max()) for node in below(model, "Bolster"))
    assert 0 <= low + part.motions[0].moves[1] - tool < 0.05  # closed, and not through the lower tool

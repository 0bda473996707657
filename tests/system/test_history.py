"""``watchroom history`` beside a running engine, and after it has ended."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.running import AIR, PRESSURE, demo_plant, engine, eyes, until, watchroom

pytestmark = pytest.mark.system


def stored(folder: Path, *words: str) -> list[dict[str, object]]:
    done = watchroom("history", folder, PRESSURE, AIR, "--start", "-10m", "--format", "json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_history_is_read_while_the_engine_writes_and_when_it_is_gone(tmp_path: Path) -> None:
    with demo_plant(tmp_path / "demo") as plant:
        with engine(plant.folder):
            with eyes(plant.folder) as seen:
                until(seen.all_good, 20, "every tag of the demo plant is good")
            until(lambda: len(stored(plant.folder)) > 20, 20, "samples are on disk")
            running = stored(plant.folder)
        after = stored(plant.folder)
    for tag in (PRESSURE, AIR):
        before = [row for row in running if row["tag"] == tag]
        assert len({row["source_time"] for row in before}) > 3
        assert all(row["unit"] == "bar" for row in before)
        kept = [row for row in after if row["tag"] == tag]
        assert kept[: len(before)] == before, "nothing that was told is lost or changed"
        assert len(kept) >= len(before)
    ends = [row for row in after if row["origin"] == "engine"]
    assert {row["tag"] for row in ends} == {PRESSURE, AIR}, "the engine's end ends the stretch"
    file = tmp_path / "curve.csv"
    done = watchroom("history", plant.folder, PRESSURE, "--start=-10m", "--points", "5", "--out", file)
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert 1 <= len(rows) <= 12

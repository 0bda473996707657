"""Assets out of a live server, and history into an AASX package, on a running demo plant."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import PRESSURE, Plant, demo_plant, engine, eyes, until, watchroom

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with demo_plant(tmp_path_factory.mktemp("p") / "demo") as running, engine(running.folder):
        with eyes(running.folder) as seen:
            until(seen.all_good, 20, "every tag of the demo plant is good")
        yield running


def test_a_live_server_is_walked_through_the_engine_and_its_tags_are_sound(plant: Plant) -> None:
    tags, before = plant.folder / "tags.csv", (plant.folder / "tags.csv").read_bytes()
    try:
        done = watchroom("import", plant.folder, "--source", "press", "--under", "Found", "--apply", "--json")
        assert done.returncode == 0, done.stderr
        *changes, summary = map(json.loads, done.stdout.splitlines())
        assert summary["applied"]
        added = {each["cells"]["address"]: each["cells"] for each in changes if each["file"] == "tags.csv"}
        known = [line.split(",")[2] for line in before.decode().splitlines()[1:] if ",press," in line]
        assert known
        assert set(known) <= set(added), "every tag that the demo reads is offered by its server"
        assert all(each["path"].startswith("Found/") and each["source"] == "press" for each in added.values())
    finally:
        tags.write_bytes(before)
        (plant.folder / "assets.csv").unlink(missing_ok=True)


def test_a_node_that_is_not_there_changes_nothing(plant: Plant) -> None:
    before = (plant.folder / "tags.csv").read_bytes()
    done = watchroom("import", plant.folder, "--source", "press", "--node", "ns=0;i=999999", "--apply")
    assert done.returncode == 1
    assert "has no node" in done.stderr
    assert (plant.folder / "tags.csv").read_bytes() == before


def test_stored_samples_are_in_the_package(plant: Plant, tmp_path: Path) -> None:
    out = tmp_path / "out.aasx"

    def values() -> list[float]:
        done = watchroom("export", plant.folder, "--aas", out, "--hours", "1")
        assert done.returncode == 0, done.stderr
        with zipfile.ZipFile(out) as package:
            environment = json.loads(package.read("aasx/data.json"))
        found: list[float] = []
        for submodel in environment["submodels"]:
            if submodel["idShort"] == "TimeSeries":
                for segment in submodel["submodelElements"][1]["value"][1:]:
                    if segment["value"][0]["value"][0]["text"] == PRESSURE:
                        records = segment["value"][2]["value"]
                        found = [float(record["value"][1]["value"]) for record in records]
        return found

    until(values, 30, "samples of the pressure are stored")
    assert all(0 <= value <= 220 for value in values())

"""A project folder written by hand as the README says, on servers that are not ours, wire to window."""

import json
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.hmi.looking import see, window
from tests.running import engine, eyes, until, watchroom

pytestmark = [pytest.mark.peer, pytest.mark.screen, pytest.mark.system, pytest.mark.timeout(300)]
COUNTER, CONSTANT = "Line/Cell/Counter", "Line/Cell/Constant"
FLOAT, COIL = "Utilities/Meter/Float", "Utilities/Meter/Coil"
TAGS_CSV = f"""\
path,source,address,unit,low,high,rate
{COUNTER},cell,nsu=urn:peer:plant;s=Counter,,,,10
{CONSTANT},cell,nsu=urn:peer:plant;s=Constant,bar,0,20,
{FLOAT},meters,holding:10:float32,kW,0,100,2
{COIL},meters,coil:3,,,,
"""


def test_project_from_the_readme_shows_both_makers_values_in_the_window(
    qapp: QApplication, tmp_path: Path, node_opcua: str, libmodbus: int
) -> None:
    (tmp_path / "plant.toml").write_text(
        f"""
[plant]
name = "By hand"

[[sources]]
id = "cell"
driver = "opcua"
endpoint = "{node_opcua}"

[[sources]]
id = "meters"
driver = "modbus"
endpoint = "tcp://127.0.0.1:{libmodbus}?unit=7"
"""
    )
    (tmp_path / "tags.csv").write_text("path,source,address\n")

    refused = watchroom("browse", tmp_path, "cell")
    assert refused.returncode == 1
    thumbprint = re.search(r"thumbprint ([0-9a-f]{64})", refused.stderr)
    assert thumbprint, refused.stderr
    listed = watchroom("trust", tmp_path, "cell")
    assert thumbprint[1] in listed.stdout
    assert watchroom("trust", tmp_path, "cell", "--thumbprint", thumbprint[1]).returncode == 0

    browsed = watchroom("browse", tmp_path, "cell")
    assert "nsu=urn:peer:plant;s=Counter" in browsed.stdout
    (tmp_path / "tags.csv").write_text(TAGS_CSV)
    checked = watchroom("check", tmp_path)
    assert checked.returncode == 0, checked.stdout

    with engine(tmp_path), eyes(tmp_path) as seen, window(qapp, tmp_path) as (shown, _):
        until(seen.all_good, 30, "all four tags are good")
        done = watchroom("read", tmp_path, CONSTANT, FLOAT, COIL, "--json")
        values = [json.loads(line)["value"] for line in done.stdout.splitlines()]
        assert values == [12.5, 81.5, True]
        first = seen.value(COUNTER)
        until(lambda: seen.value(COUNTER) > first + 5, 10, "the counter counts")
        rows = {tag.path: row for row, tag in enumerate(see(lambda: shown.tags, 10, "the tags"))}
        see(lambda: shown.snapshot is not None and not shown.snapshot.stale.any(), 10, "live values")
        assert shown.snapshot is not None
        assert shown.snapshot.value[rows[CONSTANT]] == 12.5
        assert shown.snapshot.value[rows[FLOAT]] == 81.5
        tag = shown.tags[rows[COUNTER]]
        assert tag.type == "uint32", "the type comes from the server"

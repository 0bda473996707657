"""The help page on project files says what the code does: its examples are read by the real drivers."""

import re
from pathlib import Path

import msgspec
import pytest

from engine import paths
from engine.config import read
from engine.config.tag_list import COLUMNS, REQUIRED, TYPES
from engine.drivers import modbus, opcua
from engine.drivers.modbus.blocks import LIMITS
from engine.types import Plant, Source, Tag

PAGE = (paths.resources() / "docs" / "project-files.md").read_text(encoding="utf-8")
DRIVERS = {"opcua": opcua.DRIVER, "modbus": modbus.DRIVER}
EXAMPLES = list(
    zip(
        re.findall(r"```toml\n(.*?)```", PAGE, re.S), re.findall(r"```csv\n(.*?)```", PAGE, re.S), strict=True
    )
)


def rows(heading: str) -> dict[str, str]:
    """Name and default of each row of the table under a heading; names that share a row share it."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table: dict[str, str] = {}
    for cells in (line.split("|")[1:-1] for line in section.split("### ")[0].splitlines() if line[:1] == "|"):
        names, default = cells[-3:-1]
        table |= {name: default.strip().strip("`") for name in re.findall(r"`(\w+)`", names)}
    return table


@pytest.mark.parametrize(("plant", "tags"), EXAMPLES, ids=["OPC UA", "Modbus", "gateway"])
def test_every_example_is_read_without_a_word(tmp_path: Path, plant: str, tags: str):
    (tmp_path / "plant.toml").write_text(plant, encoding="utf-8")
    (tmp_path / "tags.csv").write_text(tags, encoding="utf-8")
    project, problems = read(tmp_path, DRIVERS)
    assert problems == []
    assert project is not None
    assert len(project.tags) == len(tags.splitlines()) - 1


@pytest.mark.parametrize(
    ("heading", "driver"), [("OPC UA addresses", "opcua"), ("Modbus addresses", "modbus")]
)
def test_every_address_shown_is_one_the_driver_takes(heading: str, driver: str):
    section = PAGE.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    addresses = re.findall(r"^\| `(.+?)` \|", section, re.M)
    assert len(addresses) >= 5
    assert {address: DRIVERS[driver].check_address(address) for address in addresses} == {
        address: [] for address in addresses
    }


def test_every_column_is_described_with_its_default():
    table = rows("tags.csv")
    assert set(table) == set(COLUMNS)
    assert {name for name, default in table.items() if default == "required"} == set(REQUIRED)
    defaults = {field.name: field.default for field in msgspec.structs.fields(Tag)}
    for name in ("factor", "offset"):
        assert f"| `factor`, `offset` | `{defaults['factor']:g}`, `{defaults['offset']:g}` |" in PAGE, name
    for name in ("deadband", "rate"):
        assert float(table[name]) == defaults[name]
    assert table["criticality"] == defaults["criticality"]
    assert all(f"`{name}`" in PAGE for name in TYPES)


def test_every_key_is_described_with_its_default():
    table = rows("plant.toml")
    plant, source = (
        {field.name: field.default for field in msgspec.structs.fields(struct)} for struct in (Plant, Source)
    )
    assert set(table) == set(plant) | set(source)
    assert {name for name, default in table.items() if default == "required"} == {"id", "driver", "endpoint"}
    for name in ("timezone", "locale"):
        assert table[name] == f'"{plant[name]}"'
    assert int(table["ring_mb"]) == plant["ring_mb"]
    assert source["gap"] is source["block"] is None, "the driver chooses, as the page says"
    assert int(table["gap"]) == LIMITS.gap
    assert table["keep_running"] == table["unsecured_writes"] == "false"

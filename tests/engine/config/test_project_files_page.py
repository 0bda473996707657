"""The help page on project files says what the code does: its examples are read by the real drivers."""

import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from engine import paths
from engine.alarms.companion import GRACE_US
from engine.alarms.upstream import SLACK_US, WITHIN_US
from engine.config import (
    alarm_list,
    asset_list,
    document_list,
    nameplate_list,
    read,
    relation_list,
    write_list,
)
from engine.config.tag_list import COLUMNS, REQUIRED, TYPES
from engine.drivers import modbus, opcua
from engine.drivers.modbus.blocks import LIMITS
from engine.twin.trouble import MOST_STEPS
from engine.types import (
    AlarmClass,
    AlarmSettings,
    AssetCommand,
    AssetType,
    ControlSettings,
    Cut,
    Feedback,
    HistorySettings,
    InputMap,
    Interlock,
    KpiRule,
    LdapSettings,
    LedgerSettings,
    LedgerWitness,
    Limit,
    Mimic,
    MimicPipe,
    MimicSymbol,
    MimicValue,
    Motion,
    Part,
    Plan,
    Plant,
    SavedView,
    SecuritySettings,
    Source,
    Tag,
    TypeDocument,
    TypeRelation,
    WriteRule,
)

PAGE = (paths.resources() / "docs" / "project-files.md").read_text(encoding="utf-8")
DRIVERS = {"opcua": opcua.DRIVER, "modbus": modbus.DRIVER}
EXAMPLES = list(
    zip(
        re.findall(r"```toml\n(.*?)```", PAGE, re.S), re.findall(r"```csv\n(.*?)```", PAGE, re.S), strict=True
    )
)
NAMED = re.findall(r"```\w+ (\S+)\n(.*?)```", PAGE, re.S)
"""The optional files: name and example."""
LINE = """\
path,source,address,type,states
Line 3/S50 Press/Hydraulics/Pressure,plc,i=1,float32,
Line 3/S50 Press/Hydraulics/Pressure setpoint,plc,i=2,float32,
Line 3/S50 Press/Hydraulics/Oil temperature,plc,i=3,float32,
Line 3/S50 Press/Hydraulics/Oil level,plc,i=4,float32,
Line 3/S50 Press/Start,plc,i=12,bool,
Line 3/S50 Press/State,plc,i=5,int32,0 idle|1 running|4 stopped|5 fault
Line 3/S50 Press/Cycle time,plc,i=6,float32,
Line 3/S50 Press/Guard closed,plc,i=7,bool,
Line 3/S80 Inspect/Good count,plc,i=8,uint32,
Line 3/S80 Inspect/Reject count,plc,i=9,uint32,
Utilities/Power/Energy,plc,i=10,float32,
Utilities/Air/Energy,plc,i=11,float32,
"""


def rows(heading: str) -> dict[str, str]:
    """Name and default of each row of the table under a heading."""
    return dict(cells(heading))


def cells(heading: str) -> list[tuple[str, str]]:
    """Names and defaults, row by row; names that share a row share its default."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table: list[tuple[str, str]] = []
    for row in (line.split("|")[1:-1] for line in section.split("### ")[0].splitlines() if line[:1] == "|"):
        names, default = row[-3:-1]
        table += [(name, default.strip().strip("`")) for name in re.findall(r"`(\w+)`", names)]
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
    section = PAGE.partition(f"### {heading}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
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
    plant, source, history, security, ldap, control, ledger, witness = (
        {field.name: field.default for field in msgspec.structs.fields(struct)}
        for struct in (
            *(Plant, Source, HistorySettings, SecuritySettings, LdapSettings, ControlSettings),
            *(LedgerSettings, LedgerWitness),
        )
    )
    own = set(plant) - {"history", "security", "control", "ledger"}
    known = own.union(source, history, security, ldap, control, ledger, witness)
    assert set(table) == known - {"ldap", "witnesses"}
    assert table["at"] == f'"{witness["at"]}"'
    for name, default in (security | {"offline_days": ldap["offline_days"]}).items():
        if isinstance(default, float):
            assert float(table[name]) == default, name
    assert f"| | `timeout_s` | `{ldap['timeout_s']:g}` |" in PAGE
    assert table["reason_for"] == '["critical"]' and control["reason_for"] == ("critical",)
    assert (len(ControlSettings().reasons), len(ControlSettings().checklist)) == (6, 4), "as the page says"
    for name in ("days", "fast_days", "rollup_days", "max_gb", "fast_gb"):
        assert float(table[name]) == history[name]
    assert table["backup_at"] == f'"{history["backup_at"]}"'
    assert (table["backup_to"], history["backup_to"]) == ("none", "")
    assert {name for name, default in table.items() if default == "required"} == {
        *("id", "driver", "endpoint", "url", "person", "key"),
    }
    for name in ("timezone", "locale"):
        assert table[name] == f'"{plant[name]}"'
    assert int(table["ring_mb"]) == plant["ring_mb"]
    assert source["gap"] is source["block"] is None, "the driver chooses, as the page says"
    assert int(table["gap"]) == LIMITS.gap
    assert table["keep_running"] == table["unsecured_writes"] == "false"


def test_the_examples_of_all_optional_files_are_read_without_a_word(tmp_path: Path):
    plant = '[[sources]]\nid = "plc"\ndriver = "opcua"\nendpoint = "opc.tcp://h"\n'
    files = (("documents/pump.pdf", ""), ("scene/hall.png", ""), ("scene/models/pump.glb", ""))
    for name, content in (("plant.toml", plant), ("tags.csv", LINE), *files, *NAMED):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    project, problems = read(tmp_path, DRIVERS)
    assert problems == []
    assert project is not None
    assert len(NAMED) == 16
    counts = [
        len(each) for each in (project.types, project.limits, project.kpis, project.parts, project.mimics)
    ]
    assert counts == [3, 10, 2, 4, 1]
    assert (len(project.assets), len(project.relations), len(project.documents)) == (4, 3, 2)
    assert (len(project.nameplates), len(project.views), project.plan is None) == (3, 1, False)
    assert (len(project.writes), len(project.commands)) == (1, 1)
    assert [each.id for each in project.alarm_classes] == ["safety"]
    assert [each.tag for each in project.inputs] == ["Pressure"]


@pytest.mark.parametrize(
    ("heading", "structs"),
    [
        ("types", (AssetType, Interlock, Feedback, AssetCommand, TypeRelation, TypeDocument)),
        ("alarms.toml", (AlarmSettings, AlarmClass)),
        ("kpi.toml", (KpiRule,)),
        ("models.toml", (InputMap,)),
        ("scene", (Part,)),
        ("motions", (Motion,)),
        ("scene/views.toml", (SavedView, Cut, Plan)),
        ("displays", (Mimic, MimicSymbol, MimicValue, MimicPipe)),
    ],
)
def test_every_key_of_the_optional_files_is_described_with_its_default(
    heading: str, structs: tuple[type[msgspec.Struct], ...]
):
    table = rows(heading)
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    fields = [field for struct in structs for field in msgspec.structs.fields(struct)]
    keys = [each for each in fields if each.type is str or f"`[[{each.name}]]`" not in section]
    assert set(table) == {field.encode_name for field in keys} - {"came_from"} - (
        {"id"} if heading == "types" else set()
    )
    required = {field.name for field in fields if field.required} - {"id"}
    assert required <= {name for name, default in cells(heading) if default == "required"} | {"id"}
    for field in fields:
        if isinstance(field.default, bool | int | float) and field.default and field.name in table:
            assert table[field.name] in (f"{field.default:g}", str(field.default).lower()), field.name


def test_every_column_of_writes_csv_is_described_with_its_default():
    table = rows("writes.csv")
    assert set(table) == set(write_list.COLUMNS)
    assert {name for name, default in table.items() if default == "required"} == set(write_list.REQUIRED)
    rule = WriteRule("")
    assert table["class"] == rule.write_class
    assert (float(table["tolerance"]), float(table["deadline_s"])) == (rule.tolerance, rule.deadline_s)


def test_every_column_of_alarms_csv_is_described_with_its_default():
    table = rows("alarms.csv")
    assert set(table) == set(alarm_list.COLUMNS)
    assert {name for name, default in table.items() if default == "required"} == set(alarm_list.REQUIRED)
    defaults = {field.name: field.default for field in msgspec.structs.fields(Limit)}
    assert int(table["priority"]) == defaults["priority"]
    kinds = PAGE.partition("### Kinds of limits\n")[2].partition("\n## ")[0]
    named = {
        kind for row in re.findall(r"^\| (`.+?) \|", kinds, re.M) for kind in re.findall(r"`(\w+)`", row)
    }
    assert named == set(alarm_list.KINDS)


@pytest.mark.parametrize("module", [asset_list, relation_list, document_list, nameplate_list])
def test_every_column_of_the_lists_about_assets_is_described_with_its_default(module: ModuleType):
    name = {asset_list: "assets", relation_list: "relations", document_list: "documents"}.get(
        module, "nameplate"
    )
    table = rows(f"{name}.csv")
    assert set(table) == set(module.COLUMNS)
    assert {each for each, default in table.items() if default == "required"} == set(module.REQUIRED)


def test_every_word_of_the_lists_about_assets_is_on_the_page():
    words = (*asset_list.LEVELS, *relation_list.KINDS, *document_list.KINDS, *nameplate_list.GROUPS)
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_page_says_the_bounds_that_consequences_have():
    page = " ".join(PAGE.split())
    assert (WITHIN_US, SLACK_US, GRACE_US, MOST_STEPS) == (600_000_000, 2_000_000, 60_000_000, 5)
    assert "within 10 minutes of one upstream, over at most five relations" in page
    assert "gone for less than a minute" in page and "up to 2 seconds the later one" in page

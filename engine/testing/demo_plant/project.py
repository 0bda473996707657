"""The project folder of a demo plant, written from its points: tags.csv, writes.csv and plant.toml."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from engine.testing.demo_plant.addresses import factor, node, slots
from engine.testing.demo_plant.plant import Plant, Point, Server
from engine.types import WriteRule, fits

COLUMNS = (
    *("path", "source", "address", "type", "unit", "low", "high", "factor", "deadband", "rate"),
    *("criticality", "decimals", "states"),
)
WRITE_COLUMNS = (
    *("tag", "class", "low", "high", "step", "rate", "interlock", "readback", "tolerance", "deadline_s"),
    *("roles", "reasons"),
)
HEAD = """\
# "watchroom demo" copies this folder, starts the plant's servers and puts their ports into the endpoints.
#
# tags.csv, one row a tag:
#   path         Area/Unit/Equipment/Tag, 1 to 8 segments, unique
#   source       id of a [[sources]] entry below
#   address      OPC UA node id with its namespace URI, or Modbus table:address:type:order
#   type, unit   empty = as the device says
#   low, high    the sensor's range, in the unit
#   factor       what one raw unit of the device is worth
#   deadband     changes up to this size are not kept
#   rate         samples per second
#   criticality  low, normal or critical
#   decimals     digits after the decimal point on screen
#   states       the words of an enumeration where the device has none
#
# writes.csv, one row a setpoint that may be written; commands stand in types/*.toml.
#""".splitlines()
FIRST_PORT = {"opcua": 4840, "modbus": 5020}


def write_project(plant: Plant, folder: Path) -> None:
    """Write tags.csv, plant.toml and writes.csv of a plant into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tags.csv").write_text(tags_csv(plant), "utf-8", newline="")
    (folder / "plant.toml").write_text(plant_toml(plant), "utf-8", newline="")
    (folder / "writes.csv").write_text(writes_csv(plant), "utf-8", newline="")


def tags_csv(plant: Plant) -> str:
    """The text of tags.csv: unit by unit, in the order of the plant's groups."""
    points = plant.points()
    address = addresses(plant, points)
    units: dict[str, int] = {}
    for point in points:
        units.setdefault(_unit(point), len(units))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    kinds = {server.id: server.kind for server in plant.servers}
    for point in sorted(points, key=lambda each: units[_unit(each)]):
        writer.writerow(_row(point, address[point.column], kinds[point.source]))
    return out.getvalue()


def writes_csv(plant: Plant) -> str:
    """The text of writes.csv: a row for each point that a rule of the plant fits, in their order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(WRITE_COLUMNS)
    for point in plant.points():
        rule = next((each for each in plant.writes if fits(point.path, each.tag)), None)
        if rule is not None:
            writer.writerow(_write_row(point, rule))
    return out.getvalue()


def _write_row(point: Point, rule: WriteRule) -> list[str]:
    numbers = (rule.low, rule.high, rule.step, rule.rate)
    unit = "/".join(point.path.split("/")[:2])
    return [
        point.path,
        rule.write_class,
        *("" if number is None else f"{number:g}" for number in numbers),
        rule.interlock.replace("{unit}", unit),
        rule.readback,
        f"{rule.tolerance:g}",
        f"{rule.deadline_s:g}",
        "|".join(rule.roles),
        "|".join(rule.reasons),
    ]


def _unit(point: Point) -> str:
    return "/".join(point.path.split("/")[:2])


def addresses(plant: Plant, points: tuple[Point, ...]) -> dict[int, str]:
    """The address of each column's tag as tags.csv has it."""
    found: dict[int, str] = {}
    for server in plant.servers:
        own = [point for point in points if point.source == server.id]
        if server.kind == "modbus":
            found |= {point.column: slot.text for point, slot in zip(own, slots(own), strict=True)}
        else:
            found |= {point.column: f"nsu={plant.namespace};s={node(plant, point.path)}" for point in own}
    return found


def _row(point: Point, address: str, kind: str) -> list[str]:
    """One row; type, factor and the words of states only where the device cannot say them itself."""
    spec, modbus = point.spec, kind == "modbus"
    scale = factor(point) if modbus else 1.0
    states = "|".join(f"{number} {word}" for number, word in enumerate(spec.states))
    ranged = spec.wire != "bool" and not spec.states
    return [
        point.path,
        point.source,
        address,
        "",
        spec.unit,
        f"{spec.low:.10g}" if ranged else "",
        f"{spec.high:.10g}" if ranged else "",
        f"{scale:g}" if scale != 1.0 else "",
        f"{spec.deadband or (10.0**-spec.decimals if spec.noise else 0.0):g}",
        f"{spec.rate:g}",
        spec.criticality,
        str(spec.decimals) if ranged else "",
        states if modbus else "",
    ]


def plant_toml(plant: Plant) -> str:
    """The text of plant.toml, with ports that the demo replaces by free ones."""
    ports = dict(FIRST_PORT)
    parts = [
        f'# {plant.name}: the demo plant "{plant.id}" with {len(plant.points())} tags.',
        *HEAD,
        f"# python -m engine.testing.demo_plant --plant {plant.id} --project FOLDER writes all three.",
        "",
        "[plant]",
        f'name = "{plant.name}"',
        f'timezone = "{plant.timezone}"',
    ]
    for server in plant.servers:
        written = any(point.spec.writable and point.source == server.id for point in plant.points())
        parts += ["", *_source(server, ports[server.kind], written)]
        ports[server.kind] += 1
    return "\n".join(parts) + "\n"


def _source(server: Server, port: int, is_written: bool) -> list[str]:
    opcua = server.kind == "opcua"
    lines = ["[[sources]]", f'id = "{server.id}"', f'driver = "{server.kind}"']
    endpoint = f"opc.tcp://127.0.0.1:{port}" if opcua else f"tcp://127.0.0.1:{port}"
    lines.append(f'endpoint = "{endpoint}"')
    best = "# no security line = the best signed and encrypted policy the server offers"
    open_link = ['security = "none"', "unsecured_writes = true"] if is_written else ['security = "none"']
    return [*lines, *([best] if opcua else open_link)]

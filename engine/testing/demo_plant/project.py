"""The project folder of a demo plant, written from its points: tags.csv and plant.toml."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from engine.testing.demo_plant.addresses import factor, node, slots
from engine.testing.demo_plant.plant import Plant, Point, Server

COLUMNS = (
    *("path", "source", "address", "type", "unit", "low", "high", "factor", "deadband", "rate"),
    *("criticality", "decimals", "states"),
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
#""".splitlines()
FIRST_PORT = {"opcua": 4840, "modbus": 5020}


def write_project(plant: Plant, folder: Path) -> None:
    """Write tags.csv and plant.toml of a plant into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tags.csv").write_text(tags_csv(plant), "utf-8", newline="")
    (folder / "plant.toml").write_text(plant_toml(plant), "utf-8", newline="")


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
        f"# python -m engine.testing.demo_plant --plant {plant.id} --project FOLDER writes both files.",
        "",
        "[plant]",
        f'name = "{plant.name}"',
        f'timezone = "{plant.timezone}"',
    ]
    for server in plant.servers:
        parts += ["", *_source(server, ports[server.kind])]
        ports[server.kind] += 1
    return "\n".join(parts) + "\n"


def _source(server: Server, port: int) -> list[str]:
    opcua = server.kind == "opcua"
    lines = ["[[sources]]", f'id = "{server.id}"', f'driver = "{server.kind}"']
    endpoint = f"opc.tcp://127.0.0.1:{port}" if opcua else f"tcp://127.0.0.1:{port}"
    lines.append(f'endpoint = "{endpoint}"')
    best = "# no security line = the best signed and encrypted policy the server offers"
    return [*lines, best if opcua else 'security = "none"']

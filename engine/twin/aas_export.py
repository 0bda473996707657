"""A project as Asset Administration Shells, one for each asset, in one AASX package."""

from __future__ import annotations

import os
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec

from engine.twin import aas_submodels as made
from engine.twin.aas_elements import LONGEST_ID, LONGEST_NAME, Json, id_short, languages, model, notes, plain
from engine.twin.aas_package import pack
from engine.twin.import_rows import ImportProblem
from engine.types import AssetRow, Document, Project

T = TypeVar("T")
DEFAULT_BASE = "urn:watchroom"
LARGEST_DOCUMENT = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Exported:
    """Shells as AAS JSON, and the documents that go into the package: its part name to the file."""

    environment: Json
    files: dict[str, Path]
    assets: int
    notes: tuple[str, ...]


def export(
    project: Project, *, under: str = "", base: str = "", samples: made.Samples | None = None
) -> Exported:
    """The shells of a project's assets; ``under`` = of this asset and all below it.

    ``base`` = the IRI that all ids begin with. Without it they begin with the plant's name, so that the same
    plant keeps its ids wherever its folder lies. ``samples`` = the history to write into the file.

    Raises:
        ImportProblem: there is no such asset, or a path is too long for an id.
    """
    told = _Told(project)
    assets = [path for path in told.assets if not under or path == under or path.startswith(f"{under}/")]
    if not assets:
        wanted = f"there is no asset {under!r}" if under else "the project has no assets: tags.csv is empty"
        raise ImportProblem(f"{wanted}; nothing was exported")
    names = _names(told, assets, base or f"{DEFAULT_BASE}:{quote(project.plant.name, safe='')}")
    files, parts, missing = _files(project, [each for path in assets for each in told.documents[path]])
    shells: list[Json] = []
    submodels: list[Json] = []
    for path in assets:
        own = _submodels(told, path, names, parts, samples)
        shells.append(_shell(told, path, names, own))
        submodels += own
    environment: Json = {"assetAdministrationShells": shells, "submodels": submodels}
    return Exported(environment, files, len(shells), tuple(missing))


def write(path: Path, exported: Exported) -> None:
    """Write an AASX package, whole or not at all.

    Raises:
        OSError: it cannot be written, or a document cannot be read.
    """
    import io

    from basyx.aas.adapter.json import (
        read_aas_json_file,  # pyright: ignore[reportUnknownVariableType]
    )

    environment = msgspec.json.encode(exported.environment)
    # The SDK reads what we made, strictly: a file that breaks the rules of the AAS is not written.
    # It does not write it, because its own writer takes three times as long as this.
    read_aas_json_file(io.StringIO(environment.decode()), failsafe=False)
    files = {
        part: (file, made.CONTENT_TYPES.get(file.suffix.lower(), "application/octet-stream"))
        for part, file in exported.files.items()
    }
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as to:
            pack(to, environment, files)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class _Told:
    """What the project says, by asset."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rows: dict[str, AssetRow] = {row.path: row for row in project.assets}
        self.tags = _by(project.tags, lambda tag: tag.path.rpartition("/")[0])
        self.documents = _by(project.documents, lambda each: each.asset)
        self.relations = _by(project.relations, lambda each: each.subject)
        self.plates = _by(project.nameplates, lambda each: each.asset)
        said = [*self.rows, *self.tags, *self.documents, *self.plates]
        found: dict[str, None] = {}
        for path in said:
            parts = path.split("/")
            for length in range(1, len(parts) + 1):
                if above := "/".join(parts[:length]):
                    found[above] = None
        self.assets = tuple(found)
        self.children = _by(found, lambda path: path.rpartition("/")[0])


def _by(items: Iterable[T], key: Callable[[T], str]) -> defaultdict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for each in items:
        found[key(each)].append(each)
    return found


def _names(told: _Told, assets: Sequence[str], base: str) -> made.Names:
    def of(what: str, path: str) -> str:
        id = f"{base}/{what}/{quote(path, safe='/')}"
        # Longer than an id may be: a name made of the path, the same each time.
        return id if len(id) <= LONGEST_ID else f"{base}/{what}/{uuid.uuid5(uuid.NAMESPACE_URL, id)}"

    for path in assets:
        if len(path) > LONGEST_ID or len(base) > LONGEST_ID // 2:
            raise ImportProblem(
                f"{path[:60]!r}… is too long for an Asset Administration Shell; nothing was exported"
            )
    global_id = {
        path: plain(row.number) if (row := told.rows.get(path)) and row.number else of("asset", path)
        for path in assets
    }
    series: dict[str, tuple[str, str]] = {}
    for path in assets:
        taken: set[str] = {"time"}
        for tag in told.tags[path]:
            short = id_short(tag.path.rpartition("/")[2], taken, "Tag")
            series[tag.path] = of("TimeSeries", path), short
    return made.Names(base, of, global_id, series, _language(told.project))


def _language(project: Project) -> str:
    return project.plant.locale.replace("_", "-").split("-")[0] or "en"


def _files(
    project: Project, documents: Sequence[Document]
) -> tuple[dict[str, Path], dict[str, str], list[str]]:
    """Part to file, file of the project to part, and sentences about files that are not there."""
    files: dict[str, Path] = {}
    parts: dict[str, str] = {}
    missing: list[str] = []
    top, taken = Path(project.folder) / "documents", set[str]()
    for each in documents:
        if each.file in parts or each.file in missing:
            continue
        place = top / each.file
        if not place.is_file() or place.stat().st_size > LARGEST_DOCUMENT:
            missing.append(f"documents/{each.file} is not there or too large; the export only names it")
            continue
        stem, _, ending = place.name.rpartition(".")
        part = f"/aasx/documents/{id_short(stem, taken, 'Document')}.{ending.lower()}"
        parts[each.file], files[part] = part, place
    return files, parts, missing


def _submodels(
    told: _Told, path: str, names: made.Names, parts: Mapping[str, str], samples: made.Samples | None
) -> list[Json]:
    """Those that have something in them."""
    tags = told.tags[path]
    of, language = names.of, names.language
    groups = {
        group: [each for each in told.plates[path] if each.group == group]
        for group in ("nameplate", "technical", "maintenance")
    }
    found: list[Json] = []
    if plate := groups["nameplate"]:
        found.append(made.nameplate(of("Nameplate", path), plate, language))
    if rows := groups["technical"]:
        found.append(made.technical(of("TechnicalData", path), rows, plate, language))
    if rows := groups["maintenance"]:
        found.append(made.maintenance(of("Maintenance", path), rows, language))
    if documents := told.documents[path]:
        found.append(made.handover(of("HandoverDocumentation", path), documents, parts, language))
    if tags:
        shorts = {tag.path: names.series[tag.path][1] for tag in tags}
        found.append(made.series(of("TimeSeries", path), path, tags, shorts, samples))
    if children := told.children[path]:
        found.append(made.hierarchy(path, children, names))
    if rows := told.relations[path]:
        found.append(made.relations(of("Relations", path), rows, names))
    return found


def _shell(told: _Told, path: str, names: made.Names, submodels: Sequence[Json]) -> Json:
    row = told.rows.get(path)
    name = path.rpartition("/")[2]
    asset: Json = {"assetKind": "Instance", "globalAssetId": names.global_id[path]}
    said = notes(path=path)
    if row is not None:
        said += notes(row="yes", type=row.type, level=row.level, title=row.title, number=row.number)
        if row.type:
            asset["assetType"] = plain(row.type)
    shell: Json = {
        "modelType": "AssetAdministrationShell",
        "id": names.of("aas", path),
        "idShort": id_short(name, set(), "Asset"),
        "displayName": languages((row.title if row else "") or name, LONGEST_NAME),
        "assetInformation": asset,
        "extensions": said,
    }
    if submodels:
        shell["submodels"] = [model(("Submodel", each["id"])) for each in submodels]
    return shell

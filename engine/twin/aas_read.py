"""Asset Administration Shells from any file: AASX, JSON or XML, to the form that AAS JSON has.

The SDK's reader is not used here: it takes AAS 3.1 alone, drops a whole submodel for one element that breaks
a rule, and unpacks whatever a package declares. Files of others must be read as far as they can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from engine.twin.aas_elements import Json, listed, text
from engine.twin.aas_package import LARGEST_FILE, LARGEST_TEXT, Package, resolved
from engine.twin.import_rows import ImportProblem
from engine.twin.import_xml import Element, read_xml

VERSION = re.compile(r"admin-shell\.io/aas/(\d+)/")
# What a list is in JSON, where XML has elements around elements.
LISTS = {
    *("assetAdministrationShells", "submodels", "conceptDescriptions", "submodelElements", "statements"),
    *("keys", "extensions", "qualifiers", "specificAssetIds", "embeddedDataSpecifications", "displayName"),
    *("description", "preferredName", "shortName", "definition", "supplementalSemanticIds", "annotations"),
    *("refersTo", "isCaseOf", "inputVariables", "outputVariables", "inoutputVariables"),
    "valueReferencePairs",
}
VALUE_LISTS = {"submodelElementCollection", "submodelElementList", "multiLanguageProperty"}
PARTS = ("assetAdministrationShells", "submodels", "conceptDescriptions")


@dataclass(frozen=True, slots=True)
class Shells:
    """What a file holds. ``open`` gives the content of a file that an element names, None if it is not in."""

    shells: list[Json] = field(default_factory=list[Json])
    submodels: dict[str, Json] = field(default_factory=dict[str, Json])
    concepts: dict[str, Json] = field(default_factory=dict[str, Json])
    open: Callable[[str], bytes | None] = lambda _: None
    close: Callable[[], None] = lambda: None


def read_shells(path: Path) -> Shells:
    """All shells, submodels and concepts of a file; the first of several with the same id.

    Raises:
        ImportProblem: it cannot be read as any of the three; the text says why.
        OSError: it cannot be read at all.
    """
    with path.open("rb") as file:
        head = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PK"):
        return _package(path)
    if path.suffix.lower() == ".aasx":
        raise ImportProblem(f"{path.name} is no AASX package: it is not a ZIP file, or a broken one")
    if path.stat().st_size > LARGEST_TEXT:
        raise ImportProblem(f"{path.name} is larger than {LARGEST_TEXT // 2**20} MB: it is not read")
    return _gathered([(path.name, path.read_bytes())], lambda _: None, lambda: None)


def _package(path: Path) -> Shells:
    package = Package(path)
    try:
        parts = list(package.environments())
    except BaseException:
        package.close()
        raise
    beside = parts[0][0] if parts else "/aasx/"

    def content(name: str) -> bytes | None:
        part = resolved(name, beside)
        return package.read(part, LARGEST_FILE) if part and part in package else None

    return _gathered(parts, content, package.close)


def _gathered(
    parts: list[tuple[str, bytes]], content: Callable[[str], bytes | None], close: Callable[[], None]
) -> Shells:
    found = Shells(open=content, close=close)
    seen: set[str] = set()
    for name, raw in parts:
        environment = _environment(name, raw)
        for shell in listed(environment, PARTS[0]):
            if text(shell, "id") not in seen or not text(shell, "id"):
                seen.add(text(shell, "id"))
                found.shells.append(shell)
        for submodel in listed(environment, PARTS[1]):
            found.submodels.setdefault(text(submodel, "id") or f"\n{len(found.submodels)}", submodel)
        for concept in listed(environment, PARTS[2]):
            found.concepts.setdefault(text(concept, "id"), concept)
    return found


def _environment(name: str, raw: bytes) -> Json:
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if raw.startswith(b"<"):
        return _of_xml(name, read_xml(raw, name))
    try:
        read: Any = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise ImportProblem(f"{name} is neither AAS JSON nor XML: {str(problem)[:200]}") from problem
    if isinstance(read, dict) and not any(part in read for part in PARTS):
        kind = text(read, "modelType")  # pyright: ignore[reportUnknownArgumentType]
        read = {PARTS[0 if kind == "AssetAdministrationShell" else 1]: [read]} if kind else read  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(read, dict) or not any(part in read for part in PARTS):
        raise ImportProblem(f"{name} is JSON, but holds no asset administration shells and no submodels")
    return read  # pyright: ignore[reportUnknownVariableType]


def _of_xml(name: str, root: Element) -> Json:
    version = VERSION.search(root.space)
    if version and version[1] in "12":
        raise ImportProblem(
            f"{name} is written in version {version[1]} of the Asset Administration Shell; only version 3 is "
            "read: open it in the AASX Package Explorer and save it as version 3"
        )
    if root.name != "environment" or not version:
        raise ImportProblem(f"{name} is XML, but not that of an Asset Administration Shell")
    return {each.name: _json_list(each) for each in root.inside if each.name in PARTS}


def _json_list(of: Element) -> list[Json | str]:
    return [_json(each) for each in of.inside]


def _json(of: Element) -> Any:
    """An element as JSON has it."""
    if not of.inside:
        return of.text.strip()
    made: Json = {"modelType": of.name[:1].upper() + of.name[1:]}
    for each in of.inside:
        if each.name in LISTS or (each.name == "value" and of.name in VALUE_LISTS):
            made[each.name] = _json_list(each)
        elif each.name == "dataSpecificationContent" and each.inside:
            made[each.name] = _json(each.inside[0])
        elif each.name == "value" and not each.inside:
            made[each.name] = each.text
        else:
            made[each.name] = _json(each)
    return made

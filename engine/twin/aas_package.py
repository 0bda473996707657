"""AASX packages (IDTA 01005, ECMA-376 part 2): a ZIP of parts that name each other; read with suspicion."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urljoin, urlsplit
from xml.sax.saxutils import quoteattr

from engine.twin.import_rows import ImportProblem
from engine.twin.import_xml import read_xml

RELATIONSHIPS = "http://admin-shell.io/aasx/relationships/"
ORIGIN, SPEC, SPLIT, EXTRA = "aasx-origin", "aas-spec", "aas-spec-split", "aas-suppl"
DATA = "aasx/data.json"
OPC = "http://schemas.openxmlformats.org/package/2006/"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

MOST_PARTS = 20_000
LARGEST_TEXT = 128 * 2**20
"""Of a part that holds shells, in bytes: 10,000 assets need some 100 MB."""
LARGEST_FILE = 256 * 2**20
LARGEST_TOTAL = 1024 * 2**20
"""Of all that is read from one package."""
STEP = 2**20


def pack(to: BinaryIO, environment: bytes, files: Mapping[str, tuple[Path, str]]) -> None:
    """Write a package: shells and submodels as AAS JSON, and documents.

    ``files`` = part name ("/aasx/documents/manual.pdf", a valid one) to file and content type.
    """
    endings = {part.rpartition(".")[2]: kind for part, (_, kind) in files.items()}
    kinds = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "json": "application/json",
        **endings,
    }
    defaults = "".join(
        f"<Default Extension={quoteattr(ending)} ContentType={quoteattr(kind)}/>"
        for ending, kind in kinds.items()
    )
    origin = '<Override PartName="/aasx/aasx-origin" ContentType="text/plain"/>'
    types = f'{HEAD}<Types xmlns="{OPC}content-types">{defaults}{origin}</Types>'
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", types)
        out.writestr("_rels/.rels", _relations({ORIGIN: ["/aasx/aasx-origin"]}))
        out.writestr("aasx/aasx-origin", "")
        out.writestr("aasx/_rels/aasx-origin.rels", _relations({SPEC: [f"/{DATA}"]}))
        out.writestr(DATA, environment)
        out.writestr("aasx/_rels/data.json.rels", _relations({EXTRA: list(files)}))
        for part, (file, _) in files.items():
            out.write(file, part.lstrip("/"))


def _relations(targets: Mapping[str, list[str]]) -> str:
    each = [(kind, target) for kind, named in targets.items() for target in named]
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONSHIPS}{kind}" Target={quoteattr(target)}/>'
        for number, (kind, target) in enumerate(each)
    )
    return f'{HEAD}<Relationships xmlns="{OPC}relationships">{rows}</Relationships>'


class Package:
    """An AASX file that is open for reading. Nothing is unpacked to disk, each part is read within bounds."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            ImportProblem: it is no ZIP, or one with too many parts.
            OSError: it cannot be read.
        """
        self._name = path.name
        self._left = LARGEST_TOTAL
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as problem:
            raise ImportProblem(
                f"{path.name} is no AASX package: it is not a ZIP file, or a broken one"
            ) from problem
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            self._parts.setdefault(_part(info.filename), info)
        if len(self._parts) > MOST_PARTS:
            self.close()
            raise ImportProblem(f"{path.name} holds more than {MOST_PARTS} parts: it is not read")

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def __contains__(self, part: str) -> bool:
        """Whether there is such a part; as part names are compared, without regard to case."""
        return _part(part) in self._parts

    def read(self, part: str, most: int) -> bytes:
        """The content of a part.

        Raises:
            ImportProblem: there is none, it is broken, or larger than ``most`` bytes whatever it declares.
        """
        info = self._parts.get(_part(part))
        if info is None:
            raise ImportProblem(f"{self._name} names a part {part[:80]!r} that is not in it")
        most = min(most, self._left)
        too_large = f"{self._name}: {part[:80]!r} unpacks to more than {most // STEP} MB; it is not read"
        if info.file_size > most:
            raise ImportProblem(too_large)
        found: list[bytes] = []
        size = 0
        try:
            with self._zip.open(info) as content:
                while chunk := content.read(STEP):
                    size += len(chunk)
                    if size > most:
                        raise ImportProblem(too_large)
                    found.append(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as problem:
            raise ImportProblem(
                f"{self._name}: {part[:80]!r} cannot be unpacked ({problem}); get the file again"
            ) from problem
        self._left -= size
        return b"".join(found)

    def environments(self) -> Iterator[tuple[str, bytes]]:
        """The parts that hold shells and submodels, by name: JSON or XML.

        Raises:
            ImportProblem: the package names none.
        """
        origins = self._related("", ORIGIN)
        specs = [part for origin in origins for part in self._related(origin, SPEC)]
        specs += [more for part in specs for more in self._related(part, SPLIT)]
        if not specs:
            raise ImportProblem(f"{self._name} is no AASX package: nothing in it says where its shells are")
        for part in dict.fromkeys(specs):
            yield part, self.read(part, LARGEST_TEXT)

    def _related(self, part: str, kind: str) -> list[str]:
        """The parts that a part, "" = the package, names as this kind; also in the older spelling."""
        folder, name = posixpath.split(part)
        rels = f"{folder}/_rels/{name}.rels" if part else "/_rels/.rels"
        if rels not in self:
            return []
        root = read_xml(self.read(rels, LARGEST_TEXT), f"{self._name}: {rels}")
        return [
            resolved(each.attributes.get("Target", ""), part)
            for each in root.all("Relationship")
            if each.attributes.get("Type", "").endswith(f"admin-shell.io/aasx/relationships/{kind}")
            and each.attributes.get("TargetMode", "") != "External"
        ]


def resolved(target: str, beside: str) -> str:
    """The part that a reference means, relative to the part it stands in; "" for what lies elsewhere."""
    address = urlsplit(target)
    if address.scheme not in ("", "file") or address.netloc:
        return ""
    return urljoin(beside if beside.startswith("/") else "/", address.path)


def _part(name: str) -> str:
    return unquote(name.replace("\\", "/")).lstrip("/").lower()

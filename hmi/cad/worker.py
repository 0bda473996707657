"""The process that reads one CAD file: ``python -m hmi.cad.worker MODELS FILE CACHE [WINDOW]``.

It writes the arrays of FILE, below the folder MODELS, into the folder CACHE, and a note of what it looked
at. WINDOW = the process that wants it: without that it ends. Whatever is in the file, this process alone
reads it: the window only sees whether it ended well. Its last line on stdout is "ok", or "no" and a
sentence on what is wrong.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import msgspec

from hmi.cad import limits
from hmi.cad.keep import made_room, write_entry
from hmi.cad.places import FOLDER, GLTF, VERSION, Facts, Seen, facts_of, inside, note_of, place_of
from hmi.cad.raw import RawFile, Unreadable

MOST_BESIDE = 64
LIBRARY = re.compile(rb"^[ \t]*mtllib[ \t]+([^\r\n]+)", re.MULTILINE)
NO_STEP = "STEP files need the reader cascadio; install it: pip install watchroom[step]"
FLAT, ROUND_RAD = 0.0005, 0.35
"""How far triangles may be off a STEP surface: this share of an edge's length, and this angle."""


def main() -> int:
    """Read the file named on the command line."""
    limits.restrict()
    limits.end_with(int(sys.argv[4]) if len(sys.argv) > 4 else os.getppid())
    sys.stdout.reconfigure(encoding="utf-8")  # pyright: ignore[reportAttributeAccessIssue]
    models, file, cache = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    problem = read_into(models, file, cache)
    print(f"no {problem}" if problem else "ok", flush=True)
    return 0


def read_into(models: Path, file: str, cache: Path) -> str:
    """Read ``file`` into ``cache``: "" when it is there now, else what is wrong, for a person."""
    looked: dict[str, Facts] = {file: facts_of(models / file)}
    entry, problem = "", ""
    try:
        entry = _entry(models, file, cache, looked)
    except Unreadable as error:
        problem = str(error)
    except MemoryError:
        problem = f"it needs more than {limits.MEMORY_BYTES / 1024**3:.0f} GB of memory; export it coarser"
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        todo = f"make room on the disk of {cache}" if full else "see who may read and write there"
        problem = f"{error.strerror or error}; {todo}"
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # What a broken file does to plain code: it says one thing here and another there.
        told = " ".join(str(error).split())[:120]
        problem = f"it is broken ({type(error).__name__}: {told}); export it again"
    try:
        note = Seen(VERSION, entry, problem, looked)
        write_entry(note_of(cache, models, file), [msgspec.json.encode(note)])
    except OSError as error:
        problem = problem or f"{error.strerror or error}; make room on the disk of {cache}"
    return problem


def _entry(models: Path, file: str, cache: Path, looked: dict[str, Facts]) -> str:
    path = place_of(models, file)
    content = path.read_bytes()
    suffix = path.suffix.lower()
    given = _beside(models, file, _named(content, suffix), looked)
    key = hashlib.sha256(f"{VERSION}{suffix}\0{PurePosixPath(file).stem}".encode())
    for each in (content, *given.values()):
        key.update(hashlib.sha256(each or b"").digest())
    entry = f"{key.hexdigest()[:40]}.cad"
    if not (cache / entry).is_file():
        raw = _read(path, content, suffix, cache, _giver(given))
        _keep(raw, file, cache / entry)
    made_room(cache, entry)
    return entry


def _named(content: bytes, suffix: str) -> list[str]:
    if suffix in GLTF:
        from hmi.cad.gltf import files_named

        return files_named(content)
    if suffix == ".obj":
        return [each.decode("utf-8", "replace").strip() for each in LIBRARY.findall(content)]
    return []


def _beside(models: Path, file: str, names: list[str], looked: dict[str, Facts]) -> dict[str, bytes | None]:
    if len(names) > MOST_BESIDE:
        raise Unreadable(f"it names more than {MOST_BESIDE} other files; export it as one GLB")
    found: dict[str, bytes | None] = {}
    for name in names:
        # As text first: "../textures/x.bin" is fine as long as it stays below the models.
        steps = os.path.normpath(PurePosixPath(file).parent / name).replace("\\", "/")
        path = None if ":" in name else inside(models, steps)
        if path is None:
            raise Unreadable(
                f"it names {name[:80]!r}, which is not a file below {FOLDER}; export it as one GLB"
            )
        looked[steps] = facts_of(models / steps)
        found[name] = path.read_bytes() if path.is_file() else None
    return found


def _giver(given: dict[str, bytes | None]) -> Callable[[str], bytes]:
    def give(name: str) -> bytes:
        content = given.get(name)
        if content is None:
            raise Unreadable(f"the file {name[:80]!r} that belongs to it is missing; put it beside it")
        return content

    return give


def _read(path: Path, content: bytes, suffix: str, cache: Path, beside: Callable[[str], bytes]) -> RawFile:
    if suffix in GLTF:
        from hmi.cad.gltf import read_gltf

        return read_gltf(content, beside)
    if suffix == ".stl":
        from hmi.cad.stl import read_stl

        return read_stl(content, path.stem)
    if suffix == ".obj":
        from hmi.cad.obj import read_obj

        return read_obj(content, path.stem, beside)
    return _read_step(path, cache, beside)


def _read_step(path: Path, cache: Path, beside: Callable[[str], bytes]) -> RawFile:
    try:
        import cascadio
    except ImportError as error:
        raise Unreadable(NO_STEP) from error
    from hmi.cad.gltf import read_gltf

    made = cache / f".{os.getpid()}.glb"
    try:
        failed = cascadio.step_to_glb(
            str(path), str(made), FLAT, ROUND_RAD, tol_relative=True, use_parallel=False
        )
        if failed or not made.is_file():
            raise Unreadable(
                "it is not STEP that can be read (AP203, AP214, AP242); export it again, or as GLB"
            )
        return read_gltf(made.read_bytes(), beside)
    finally:
        made.unlink(missing_ok=True)


def _keep(raw: RawFile, file: str, entry: Path) -> None:
    from hmi.cad.model import CadModel
    from hmi.cad.store import packed
    from hmi.cad.tidy import tidied

    nodes = tuple(node for node in map(tidied, raw.solids) if node is not None)
    if not nodes:
        raise Unreadable("it has no triangles to show; export it with its surfaces")
    write_entry(entry, packed(CadModel(file, nodes, "", raw.origins)))


if __name__ == "__main__":
    sys.exit(main())

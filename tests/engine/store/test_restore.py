"""Archives as an enemy would make them: refused, and nothing is written outside of the folder or in it."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.store.manifest import BackupRefused, read_manifest
from engine.store.restore import restore

NOW = 1_700_000_000_000_000


def entry(path: str, text: bytes = b"x") -> dict[str, object]:
    return {"path": path, "size": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def archive(file: Path, entries: list[dict[str, object]], write: Callable[[zipfile.ZipFile], None]) -> Path:
    """An archive as an enemy would make it."""
    manifest = {"format": 1, "made_us": NOW, "version": "9", "name": "mill", "entries": entries}
    with zipfile.ZipFile(file, "w") as made:
        write(made)
        made.writestr("manifest.json", json.dumps(manifest))
    return file


EVIL = [
    "../outside", "/etc/passwd", "a/../../outside", "a//b", "./a", "C:/x", "a\\..\\b", "//host/share/x",
    "con", "nul.txt", "a/ends.", "a/ends ", "x:stream", "a\nb", "a\u202eb", "", "a" * 1001,
]  # fmt: skip


@pytest.mark.parametrize("path", EVIL)
def test_path_that_leads_out_or_cannot_be_stored_is_refused(tmp_path: Path, path: str) -> None:
    file = archive(tmp_path / "x.zip", [entry(path)], lambda made: made.writestr(f"project/{path}", b"x"))
    with pytest.raises(BackupRefused, match="cannot be trusted|not a whole backup"):
        restore(file, tmp_path / "deep" / "new")
    assert {path.name for path in tmp_path.iterdir()} <= {"x.zip", "deep"}
    assert not (tmp_path / "deep" / "new").exists()


def linked(made: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("project/plant.toml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    made.writestr(info, b"x")


def packed(made: zipfile.ZipFile) -> None:
    made.writestr("project/plant.toml", b"x", compress_type=zipfile.ZIP_DEFLATED)


def twice(made: zipfile.ZipFile) -> None:
    made.writestr("project/plant.toml", b"x")
    with pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("project/plant.toml", b"y")


def extra(made: zipfile.ZipFile) -> None:
    made.writestr("project/plant.toml", b"x")
    made.writestr("project/more", b"x")


@pytest.mark.parametrize("write", [linked, packed, twice, extra, lambda made: None])
def test_link_compression_double_or_unlisted_file_is_refused(
    tmp_path: Path, write: Callable[[zipfile.ZipFile], None]
) -> None:
    file = archive(tmp_path / "x.zip", [entry("plant.toml")], write)
    with pytest.raises(BackupRefused, match="cannot be trusted|not a backup"):
        restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_archive_that_claims_more_than_it_is_long_is_refused(tmp_path: Path) -> None:
    file = archive(tmp_path / "x.zip", [entry("a")], lambda made: made.writestr("project/a", b"x"))
    content = file.read_bytes()
    at = content.index(b"PK\x01\x02")  # the first record of the directory: sizes at 20 and 24
    file.write_bytes(content[: at + 20] + (2**31).to_bytes(4, "little") * 2 + content[at + 28 :])
    with pytest.raises(BackupRefused, match="more than its own size|not a whole backup"):
        restore(file, tmp_path / "new")


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([entry("a"), entry("A")], "stands there twice"),
        ([entry("a"), entry("a/b")], "lies inside another file"),
        ([{"path": "a", "size": -1, "sha256": "0" * 64}], "no valid size"),
        ([{"path": "a", "size": 1, "sha256": "../x"}], "has no checksum"),
    ],
)
def test_list_that_cannot_be_is_refused(entries: list[dict[str, object]], sentence: str) -> None:
    body = {"format": 1, "made_us": NOW, "version": "9", "name": "mill", "entries": entries}
    with pytest.raises(BackupRefused, match=sentence):
        read_manifest(json.dumps(body).encode(), "x.json")


def test_backup_of_a_newer_version_says_so() -> None:
    body = {"format": 2, "made_us": NOW, "version": "9.1", "name": "mill", "entries": []}
    with pytest.raises(BackupRefused, match=r"made by Watchroom 9\.1: restore it with that version"):
        read_manifest(json.dumps(body).encode(), "x.json")

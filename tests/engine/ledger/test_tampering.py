"""Whatever is done to a ledger or a bundle of it, the check finds it: thousands of random ways."""

from __future__ import annotations

import functools
import random
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ledger import Ledger, LedgerError, Reading, begin, verify_file, write_bundle, write_shared
from engine.ledger.tables import GUARDS
from engine.ledger.trust import Trust
from engine.ledger.verify_bundle import installed_ed25519, verify
from engine.store.database import StoreError, named, sqlite3
from engine.typed import convert
from tests.engine.ledger.bundle_edits import WAYS, harmless
from tests.engine.ledger.made import NOW_US, ORIGIN, Clock, drafts, key, lived, trust

TABLES = ("entries", "nodes", "checkpoints", "cosignatures", "disclosures")
COLUMNS = {
    "entries": ("seq", "line", "leaf_hash"),
    "nodes": ("level", "position", "hash"),
    "checkpoints": ("size", "note"),
    "cosignatures": ("size", "cosigner", "line"),
    "disclosures": ("seq", "disclosure"),
}
ED25519 = installed_ed25519()
Place = tuple[Path, dict[str, Any]]


@functools.cache
def original() -> Place:
    """A ledger, two bundles of it, and what a partner trusts and has seen."""
    folder = Path(tempfile.mkdtemp(prefix="wr-ledger-"))
    reading, seen = lived(folder / "ledger.db")
    newest = reading.checkpoint()
    write_bundle(reading, folder / "full.zip", lambda seq, field: field == "actor")
    write_shared(reading, folder / "shared.zip", topic="orders", since=[9], shown=lambda seq, field: seq != 7)
    reading.close()
    assert not (folder / "ledger.db-wal").stat().st_size, "what is copied must be the whole ledger"
    return folder, trust([seen, newest])


@pytest.fixture(scope="module", autouse=True)
def no_folder_left() -> Any:
    yield
    shutil.rmtree(original()[0])
    original.cache_clear()


# ------------------------------------------------------------------------------------- the file


def edit(dice: random.Random, connection: Any) -> str:
    """Another value in one column: a byte of it changed, more of it, or less."""
    table = dice.choice(TABLES)
    column = dice.choice(COLUMNS[table])
    key_columns = "rowid" if table in ("entries", "checkpoints") else ", ".join(COLUMNS[table][:2])
    rows = connection.execute(f"SELECT {key_columns}, {column} FROM {table}").fetchall()
    *where, old = dice.choice(rows)
    new = spoilt(dice, old)
    names = [name.strip() for name in key_columns.split(",")]
    condition = " AND ".join(f"{name} = ?" for name in names)
    connection.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {condition}", (new, *where))
    return f"{column} of {table} from {old!r} to {new!r}"


def spoilt(dice: random.Random, old: Any) -> Any:
    """As `edit`; of numbers another number, of text also what is no text."""
    if isinstance(old, int):
        return old + dice.choice([-1, 1, 2, 7, 1000])
    content = bytearray(old.encode() if isinstance(old, str) else old)
    way, at = dice.randrange(4), dice.randrange(len(content))
    if way == 0:
        del content[at]
    elif way == 1:
        content.insert(at, dice.choice(b'0aZ \n"+='))
    else:
        content[at] ^= 1 << dice.randrange(8)
    return content.decode("utf-8", "replace") if isinstance(old, str) else bytes(content)


def delete(dice: random.Random, connection: Any) -> str:
    table = dice.choice(TABLES[:3] + TABLES[4:])
    rows = connection.execute(f"SELECT {', '.join(COLUMNS[table])} FROM {table}").fetchall()
    row = dice.choice(rows)
    if table == "checkpoints":  # others remain, and each alone proves all before it; the newest does not
        row = max(rows)
    condition = " AND ".join(f"{name} = ?" for name in COLUMNS[table])
    connection.execute(f"DELETE FROM {table} WHERE {condition}", row)
    return f"{row} of {table} deleted"


def insert(dice: random.Random, connection: Any) -> str:
    table = dice.choice(TABLES)
    row = list(dice.choice(connection.execute(f"SELECT {', '.join(COLUMNS[table])} FROM {table}").fetchall()))
    row[0] += dice.choice([1, 15, 100])
    marks = ", ".join("?" * len(row))
    names = ", ".join(COLUMNS[table])
    connection.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", row)
    return f"{row} put into {table}"


def reorder(dice: random.Random, connection: Any) -> str:
    one, other = dice.sample(range(1, 15), 2)
    lines = dict(connection.execute("SELECT seq, line FROM entries").fetchall())
    leaves = dict(connection.execute("SELECT seq, leaf_hash FROM entries").fetchall())
    for here, there in ((one, other), (other, one)):
        values = (lines[there], leaves[there], here)
        connection.execute("UPDATE entries SET line = ?, leaf_hash = ? WHERE seq = ?", values)
    return f"entries {one} and {other} exchanged"


def truncate(dice: random.Random, connection: Any) -> str:
    """Everything after a checkpoint taken away, so that the rest fits itself."""
    size = dice.choice([1, 6, 9, 10, 14])
    connection.execute("DELETE FROM entries WHERE seq >= ?", (size,))
    connection.execute("DELETE FROM disclosures WHERE seq >= ?", (size,))
    connection.execute("DELETE FROM checkpoints WHERE size > ?", (size,))
    connection.execute("DELETE FROM cosignatures WHERE size > ?", (size,))
    connection.execute("DELETE FROM nodes WHERE (position + 1) << level > ?", (size,))
    return f"cut to {size}"


def by_another_program(dice: random.Random, path: Path) -> str:
    """Changed by somebody who takes the guards off, and puts them back."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    for guard in GUARDS:
        connection.execute(f"DROP TRIGGER {guard.split()[2]}")
    try:
        what = dice.choice([edit, edit, edit, delete, insert, reorder, truncate])(dice, connection)
    except sqlite3.IntegrityError:
        connection.close()
        return ""  # the file itself cannot hold it
    except sqlite3.OperationalError as error:
        connection.close()
        assert "JSON" in str(error)
        return ""
    for guard in GUARDS:
        connection.execute(guard)
    connection.execute("COMMIT")
    connection.close()
    return what


def forked(dice: random.Random, path: Path) -> str:
    """Written anew, by whoever holds the keys or by somebody else, as long as or longer than it was."""
    number = dice.choice([1, 1, 3])
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    path.with_name("ledger.begun").unlink(missing_ok=True)
    clock = Clock(NOW_US + dice.choice([0, 1]))
    begin(path, ORIGIN, key(number=number), clock)
    opened = Ledger(path, key(number=number), clock)
    for first in range(0, dice.choice([14, 15, 30]), 2):
        opened.append(drafts(2, first))
    opened.close()
    return f"written anew with key {number}"


def rows_of(path: Path) -> dict[str, list[Any]]:
    connection = sqlite3.connect(path)
    try:
        return {
            table: connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2").fetchall()
            for table, names in COLUMNS.items()
        }
    finally:
        connection.close()


def check_file(dice: random.Random) -> None:
    folder, known = original()
    with tempfile.TemporaryDirectory(prefix="wr-ledger-") as name:
        path = Path(shutil.copy(folder / "ledger.db", Path(name) / "ledger.db"))
        what = dice.choices([by_another_program, forked], [20, 1])[0](dice, path)
        try:
            unchanged = not what or rows_of(path) == rows_of(folder / "ledger.db")
        except sqlite3.Error:
            unchanged = False
        found = verify_file(path, convert(known, Trust)).findings
        assert bool(found) != unchanged, what


def check_flip(dice: random.Random) -> None:
    """A bit of the file itself: found, or it was none that says anything."""
    folder, known = original()
    with tempfile.TemporaryDirectory(prefix="wr-ledger-") as name:
        path = Path(shutil.copy(folder / "ledger.db", Path(name) / "ledger.db"))
        content = bytearray(path.read_bytes())
        at, bit = dice.randrange(len(content)), 1 << dice.randrange(8)
        content[at] ^= bit
        path.write_bytes(content)
        try:
            with named(path):
                same = rows_of(path) == rows_of(folder / "ledger.db")
            found = verify_file(path, convert(known, Trust)).findings
        except (LedgerError, StoreError, UnicodeDecodeError):
            same, found = False, opening_is_refused(path)
        assert found or same, f"bit {bit} of byte {at}"


def opening_is_refused(path: Path) -> list[str]:
    """A file of which not all can be read: said in words by the check, and never taken for sound."""
    try:
        return verify_file(path).findings
    except LedgerError as error:
        return [str(error)]


# ----------------------------------------------------------------------------------- the bundles


def check_bundle(dice: random.Random) -> None:
    folder, known = original()
    kind = dice.choice(["full.zip", "shared.zip"])
    with zipfile.ZipFile(folder / kind) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    members = dict(before)
    what = dice.choice(WAYS)(dice, members)
    with tempfile.TemporaryDirectory(prefix="wr-ledger-") as name:
        path = Path(name) / "bundle.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        result = verify(path, known, ED25519)
    same = members == before or harmless(before, members)
    assert (result.code == 1) != same, f"{kind}: {what}"


def check_any(dice: random.Random) -> None:
    dice.choice([check_file, check_flip, check_bundle, check_bundle])(dice)


QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def test_untouched_ledger_and_bundles_fit(tmp_path: Path) -> None:
    folder, known = original()
    path = Path(shutil.copy(folder / "ledger.db", tmp_path / "ledger.db"))
    assert verify_file(path, convert(known, Trust)).findings == []
    assert {table: len(rows) for table, rows in rows_of(path).items()} == {
        "entries": 15, "nodes": 11, "checkpoints": 6, "cosignatures": 1, "disclosures": 12,
    }  # fmt: skip
    for name in ("full.zip", "shared.zip"):
        result = verify(folder / name, known, ED25519)
        assert (result.code, result.findings, result.cosigned_size) == (0, [], 9)


@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
@given(dice=st.randoms(use_true_random=True))
def test_every_tampering_is_found(dice: random.Random) -> None:
    check_any(dice)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@settings(max_examples=10_000, deadline=None, suppress_health_check=QUIET)
@given(dice=st.randoms(use_true_random=True))
def test_ten_thousand_tamperings_are_found(dice: random.Random) -> None:
    check_any(dice)


@pytest.mark.parametrize(
    ("table", "column"), [("checkpoints", "note"), ("entries", "leaf_hash"), ("nodes", "hash")]
)
@pytest.mark.parametrize("value", [7367777, 2**62, 0.5, "text", b"\xff\xfe"])
def test_value_of_another_kind_than_its_column_is_found(
    tmp_path: Path, table: str, column: str, value: object
) -> None:
    """A flipped bit in the header of a row does this, whatever the table is declared to hold."""
    path = Path(shutil.copy(original()[0] / "ledger.db", tmp_path / "ledger.db"))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema=ON")
    declared = dict(
        connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    )
    loose = declared[table].replace("STRICT, ", "").replace("STRICT", "")
    for name in (f"{table}_no_update", f"{table}_no_delete"):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (loose, table))
    connection.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
    for name in (f"{table}_no_update", f"{table}_no_delete"):
        connection.execute(declared[name])
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (declared[table], table))
    connection.close()
    assert verify_file(path, convert(original()[1], Trust)).findings
    with pytest.raises(LedgerError):
        Ledger(path, key(number=2), Clock())


def test_bundle_of_a_forked_or_foreign_ledger_is_found(tmp_path: Path) -> None:
    """Written anew with the right key, or another, and exported as it should be."""
    _, known = original()
    for seed in range(12):
        path = tmp_path / f"{seed}" / "ledger.db"
        path.parent.mkdir()
        what = forked(random.Random(seed), path)
        reading = Reading(path)
        write_bundle(reading, path.with_name("full.zip"))
        write_shared(reading, path.with_name("shared.zip"), seqs=[3])
        reading.close()
        for name in ("full.zip", "shared.zip"):
            assert verify(path.with_name(name), known, ED25519).code == 1, what

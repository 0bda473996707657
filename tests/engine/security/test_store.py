from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from engine.security.store import SecurityFile
from engine.store.database import StoreError, open_database
from engine.wire.people import FirstBody
from tests.engine.security.made import ADA_PASSWORD, DESK, desk, person, staffed, why_denied


async def test_a_lost_file_makes_nobody_the_first_administrator(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await place.admin()
        place.security.close()
        for file in tmp_path.glob("security.db*"):
            if file.suffix != ".begun":
                file.unlink()
        security = place.again().security
        assert not security.is_new and "restore data/security.db" in security.trouble
        first = security.first_administrator(FirstBody(DESK, "eve", "Eve Evil", ADA_PASSWORD))
        assert "restore" in await why_denied(first)
        assert "Seeing needs no login" in await why_denied(place.login("ada", ADA_PASSWORD))
        assert "restore" in security.may("", "write", "A") and "restore" in security.answer("", DESK).ended


async def test_a_damaged_file_keeps_nobody_from_seeing(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await place.admin()
        place.security.close()
        (tmp_path / "security.db-wal").unlink(missing_ok=True)
        (tmp_path / "security.db").write_bytes(b"not a database at all" * 500)
        security = place.again().security
        assert security.trouble and security.answer("", DESK).session is None and not security.is_new


@pytest.mark.parametrize("statement", ["DELETE FROM people", "UPDATE people SET key = 'eve'"])
async def test_a_person_is_never_deleted_nor_a_name_given_to_another(tmp_path: Path, statement: str) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        connection = open_database(tmp_path / "security.db")
        try:
            with pytest.raises(Exception, match="never"):
                connection.execute(statement)
        finally:
            connection.close()


async def test_rows_that_fail_together_leave_none_of_them(tmp_path: Path) -> None:
    file = SecurityFile(tmp_path / "security.db")
    try:
        with pytest.raises(Exception, match="datatype mismatch"):
            file.save([("facts", "salt", "00"), ("seals", "no number", {})])
        assert file.salt(b"1" * 16) == b"1" * 16, "the first row is not there either"
        assert file.salt(b"2" * 16) == b"1" * 16
    finally:
        file.close()


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "security.db")
    connection.execute("PRAGMA application_id=7")
    connection.close()
    with pytest.raises(StoreError, match="something else than people"):
        SecurityFile(tmp_path / "security.db")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps other users out of the project by ACL")
def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = SecurityFile(tmp_path / "security.db")
        file.save([("facts", "salt", "00")])
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    file.close()
    assert modes == {0o600}

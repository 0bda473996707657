"""Time stamps: an authority of the tests' own stamps with openssl, and only what is right is kept."""

from __future__ import annotations

import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.ledger import (
    Ledger,
    ProofRefused,
    Reading,
    begin,
    stamp,
    verify_bundle,
    write_bundle,
    write_shared,
)
from engine.ledger.stamped import asked, check_bundle, check_stamps, stamped, take, waiting
from tests.engine.ledger.authority import Authority
from tests.engine.ledger.made import ORIGIN, drafts, key

NOTE = "plant.example/line-4\n9\n3bhDn3eq\n\n— plant.example/line-4 VbLC\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "other")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger of now with one checkpoint of a day beside it."""
    clock = SystemClock()
    begin(tmp_path / "ledger.db", ORIGIN, key(), clock)
    made = Ledger(tmp_path / "ledger.db", key(), clock)
    made.append(drafts(4))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "checkpoint-2026-11-23.txt").write_text(made.checkpoint, "utf-8")
    yield made
    made.reading.close()
    made.close()


def test_stamp_over_a_checkpoint_says_when_and_who(authority: Authority) -> None:
    query = stamp.query(NOTE)
    trusted = stamp.read_authorities(authority.ca.read_bytes())
    found = stamp.checked(NOTE, query, authority.reply(query), trusted)
    assert found.by == "Time of the tests"
    assert abs(found.time_us - SystemClock().now_us()) < 60_000_000


def test_stamp_is_refused_where_anything_of_it_is_wrong(authority: Authority, other: Authority) -> None:
    query, later = stamp.query(NOTE), stamp.query(NOTE)
    reply, trusted = authority.reply(query), stamp.read_authorities(authority.ca.read_bytes())
    now_us = SystemClock().now_us()
    for wrong, note, asked_for, answer, known, least_us in (
        ("another authority", NOTE, query, reply, stamp.read_authorities(other.ca.read_bytes()), 0),
        ("another checkpoint", NOTE.replace("9", "8"), query, reply, trusted, 0),
        ("another nonce", NOTE, later, reply, trusted, 0),
        ("before the newest entry", NOTE, query, reply, trusted, now_us + 3_600_000_000),
        ("no answer at all", NOTE, query, b"<html>", trusted, 0),
        ("cut", NOTE, query, reply[:-1], trusted, 0),
    ):
        with pytest.raises(ProofRefused):
            stamp.checked(note, asked_for, answer, known, least_us)
            pytest.fail(wrong)
    with pytest.raises(ProofRefused, match="did not stamp the checkpoint"):
        stamp.checked(NOTE, query, authority.reply(b"\x30\x03\x02\x01\x01"), trusted)


def test_no_changed_byte_of_what_was_signed_gets_through(authority: Authority) -> None:
    """Beyond the signed part there are bytes without a meaning: a change there says the same as before."""
    query = stamp.query(NOTE)
    reply, trusted = authority.reply(query), stamp.read_authorities(authority.ca.read_bytes())
    right = stamp.checked(NOTE, query, reply, trusted)
    refused = 0
    for place in range(0, len(reply), 7):
        changed = reply[:place] + bytes([reply[place] ^ 1]) + reply[place + 1 :]
        try:
            assert stamp.checked(NOTE, query, changed, trusted) == right, place
        except ProofRefused:
            refused += 1
    assert refused > len(reply) // 7 * 0.6


def test_checkpoint_waits_until_it_has_its_stamp(
    opened: Ledger, tmp_path: Path, authority: Authority, other: Authority
) -> None:
    folder = tmp_path / "checkpoints"
    (file,) = waiting(folder, ORIGIN)
    assert asked(file) == asked(file), "the nonce is that of the first request"
    trusted = stamp.read_authorities(authority.ca.read_bytes())
    with pytest.raises(ProofRefused):
        take(file, other.reply(asked(file)), trusted, opened.reading)
    assert waiting(folder, ORIGIN) == [file]
    take(file, authority.reply(asked(file)), trusted, opened.reading)
    assert waiting(folder, ORIGIN) == []
    assert [one.checkpoint.size for one in stamped(folder, ORIGIN)] == [5]
    assert (waiting(folder, "another"), stamped(folder, "another")) == ([], [])
    said, wrong = check_stamps(folder, tmp_path / "ledger.db", authority.ca)
    assert (len(said), wrong) == (1, [])
    assert said[0].startswith("The first 5 entries were there at ") and said[0].endswith("Time of the tests.")
    assert "is no time stamp" in check_stamps(folder, tmp_path / "ledger.db", other.ca)[1][0]


@pytest.fixture
def bundle(opened: Ledger, tmp_path: Path, authority: Authority) -> Path:
    folder = tmp_path / "checkpoints"
    (file,) = waiting(folder, ORIGIN)
    trusted = stamp.read_authorities(authority.ca.read_bytes())
    take(file, authority.reply(asked(file)), trusted, opened.reading)
    opened.append(drafts(3, 4))
    reading = Reading(tmp_path / "ledger.db")
    write_bundle(reading, tmp_path / "full.zip", stamps=stamped(folder, ORIGIN))
    write_shared(reading, tmp_path / "part.zip", seqs=[2], stamps=stamped(folder, ORIGIN))
    reading.close()
    return tmp_path / "full.zip"


def test_bundle_holds_the_stamps_and_a_stranger_checks_them_with_openssl(
    bundle: Path, authority: Authority
) -> None:
    for file in (bundle, bundle.with_name("part.zip")):
        result = verify_bundle.verify(file, None, verify_bundle.installed_ed25519())
        assert (result.findings, [each["size"] for each in result.stamps]) == ([], [5])
        said = verify_bundle.sentences(result)
        assert any("WHO SIGNED THE TIME STAMPS WAS NOT CHECKED" in line for line in said)
        commands = [line.strip() for line in said if line.startswith("  ")]
        assert len(commands) == 2
        for command in commands:  # as the words say, typed by hand
            words = shlex.split(
                command.replace("BUNDLE", str(file)).replace("AUTHORITY.pem", str(authority.ca))
            )
            words[0] = sys.executable if words[0] == "python" else words[0]
            found = subprocess.run(words, cwd=bundle.parent, capture_output=True, text=True, check=False)
            assert found.returncode == 0, found.stderr
        assert "Verification: OK" in found.stdout + found.stderr
        assert check_bundle(file, authority.ca)[1] == []


@pytest.mark.parametrize("part", ["checkpoint", "tsr"])
def test_changed_stamp_of_a_bundle_is_found(bundle: Path, other: Authority, part: str) -> None:
    wrong = bundle.with_name("wrong.zip")
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(wrong, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == f"stamps/{5:020d}.{part}":
                content = (
                    other.reply(stamp.query(NOTE)) if part == "tsr" else content.replace(b"\n5\n", b"\n6\n")
                )
            new.writestr(name, content)
    (found,) = verify_bundle.verify(wrong, None, None).findings
    assert "is of something else" in found or "is another one" in found


def test_stamp_of_a_bundle_by_a_stranger_is_found(bundle: Path, other: Authority) -> None:
    assert "time stamp of 5 entries" in check_bundle(bundle, other.ca)[1][0]

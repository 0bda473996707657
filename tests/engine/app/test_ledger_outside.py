"""Those outside are asked when it is time, again when there is a network, and what they say is kept."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.app import ledger_http, ledger_outside
from engine.app.ledger_http import NoAnswer, post
from engine.app.ledger_keeping import DAY_US
from engine.app.ledger_outside import HOUR_US
from engine.ledger import Reading, verify_bundle, write_bundle
from engine.ledger.desk import Desk
from engine.ledger.desk_server import DeskServer
from engine.ledger.note import COSIGNATURE
from engine.ledger.stamped import stamped
from engine.types import LedgerSettings, LedgerWitness, Plant, Project
from tests.engine.app import recorded
from tests.engine.app.recorded import Ring, Station, record, sent
from tests.engine.ledger.authority import Authority
from tests.engine.ledger.made import PARTNER
from tests.engine.ledger.made import Clock as StillClock
from tests.running import until

NOWHERE = "http://127.0.0.1:9"
VKEY = PARTNER.verifier(COSIGNATURE).text


@contextlib.contextmanager
def station(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Iterator[Station]:
    """A station with these settings, that asks only when the test does."""
    plant = Plant(name="Mill 3", ledger=LedgerSettings(**settings))
    monkeypatch.setattr(recorded, "project", lambda path: Project(str(path), plant, (), ()))
    monkeypatch.setattr(ledger_outside.Anchors, "begin", lambda self: None)
    folder.mkdir(exist_ok=True)
    with recorded.station(folder, Ring()) as made:
        until(lambda: list((folder / "data" / "checkpoints").glob("*.txt")), 10, "the checkpoint of the day")
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@contextlib.contextmanager
def witness(folder: Path, made: Station, *, knows: bool = True) -> Iterator[str]:
    """A partner's witness that knows this ledger, over real HTTP."""
    desk = Desk(folder, PARTNER, StillClock())
    if knows:
        reading = Reading(made.scribe.file)
        trust = {"origin": reading.origin, "keys": [{"vkey": reading.keys[0].key.text}]}
        reading.close()
        (folder / "ledgers" / "mill.json").write_text(json.dumps(trust))
    with DeskServer(desk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def point(made: Station, **settings: Any) -> None:
    """Other settings from now on, as after a new start."""
    outside = made.scribe.outside
    outside.settings = msgspec.structs.replace(outside.settings, **settings)


def next_day(made: Station) -> None:
    made.clock.ahead_us += DAY_US
    record(made, sent(7))


def test_day_gets_its_stamp_and_what_waited_is_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    facts = {"stamp_url": NOWHERE, "stamp_ca": str(authority.ca)}
    with station(tmp_path / "mill", monkeypatch, **facts) as made, authority.served() as url:
        folder, outside = tmp_path / "mill" / "data" / "checkpoints", made.scribe.outside
        outside.look()
        (anchor,) = outside.anchors
        assert (anchor.kind, anchor.size, anchor.waiting) == ("time stamp", 0, 1)
        assert anchor.trouble.startswith(f"{NOWHERE} does not answer: ")
        record(made, sent(1))
        assert made.scribe.trouble == "", "nothing waits for them"
        for day in ("2026-01-01", "2026-01-02"):  # days that the engine ran without a network
            reading = Reading(made.scribe.file)
            (folder / f"checkpoint-{day}.txt").write_text(reading.checkpoint(), "utf-8")
            reading.close()
            record(made, sent(2))
        point(made, stamp_url=url)
        asked = authority.asked
        outside.look()
        assert authority.asked == asked, "after a failure it rests"
        made.clock.ahead_us += HOUR_US
        outside.look()
        (anchor,) = outside.anchors
        assert (anchor.by, anchor.waiting, anchor.trouble) == ("Time of the tests", 0, "")
        reading = Reading(made.scribe.file)
        assert len(stamped(folder, reading.origin)) == 3
        write_bundle(reading, tmp_path / "bundle.zip", stamps=stamped(folder, reading.origin))
        reading.close()
        assert len(verify_bundle.verify(tmp_path / "bundle.zip", None, None).stamps) == 3
        asked = authority.asked
        outside.look()
        assert authority.asked == asked, "nothing waits"


def test_a_checkpoint_that_cannot_be_stamped_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    real, refused = authority.reply, list[bytes]()

    def reply(query: bytes) -> bytes:
        """The first checkpoint, each time it is asked for, gets no stamp that is one."""
        first = not refused or query == refused[0]
        refused.extend([query] if not refused else [])
        return b"no" if first else real(query)

    monkeypatch.setattr(authority, "reply", reply)
    with (
        authority.served() as url,
        station(tmp_path / "mill", monkeypatch, stamp_url=url, stamp_ca=str(authority.ca)) as made,
    ):
        folder = tmp_path / "mill" / "data" / "checkpoints"
        reading = Reading(made.scribe.file)
        (folder / "checkpoint-2026-01-01.txt").write_text(reading.checkpoint(), "utf-8")
        reading.close()
        record(made, sent(2))
        made.scribe.outside.look()
        (anchor,) = made.scribe.outside.anchors
        assert (anchor.waiting, "is no time stamp" in anchor.trouble) == (1, True)
        assert anchor.time_us > 0, "the other has its stamp"
        assert len(list(folder.glob("*.tsr"))) == 1


def test_authority_that_does_not_stamp_or_is_not_trusted_becomes_a_trouble_after_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    other = Authority(tmp_path / "other")
    with (
        authority.served() as url,
        station(tmp_path / "mill", monkeypatch, stamp_url=url, stamp_ca=str(other.ca)) as made,
    ):
        outside = made.scribe.outside
        outside.look()
        assert "is no time stamp" in outside.anchors[0].trouble
        assert outside.warning == ""
        authority.is_down = True
        made.clock.ahead_us += 37 * HOUR_US
        outside.look()
        authority.is_down = False
        assert "answered with status 503" in outside.anchors[0].trouble
        assert outside.warning.startswith("nobody outside vouched for the ledger for 37 hours: ")
        assert not list((tmp_path / "mill" / "data" / "checkpoints").glob("*.tsr"))
        point(made, stamp_ca=str(authority.ca))
        made.clock.ahead_us += 5 * HOUR_US
        outside.look()
        assert (outside.warning, outside.anchors[0].trouble) == ("", "")


def test_witness_cosigns_every_day_also_after_it_was_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (LedgerWitness(NOWHERE, VKEY),)
    with station(tmp_path / "mill", monkeypatch, witnesses=known) as made:
        outside = made.scribe.outside
        outside.look()
        assert "does not answer" in outside.anchors[0].trouble
        made.clock.ahead_us += HOUR_US
        with witness(tmp_path / "partner", made) as url:
            point(made, witnesses=(LedgerWitness(url + "/", VKEY),))
            sizes = list[int]()
            for _ in range(3):
                outside.look()
                (anchor,) = outside.anchors
                assert (anchor.kind, anchor.by, anchor.trouble) == ("cosignature", PARTNER.name, "")
                sizes.append(anchor.size)
                outside.look()
                next_day(made)
            assert sizes == sorted(set(sizes))
            reading = Reading(made.scribe.file)
            assert reading.checkpoint_sizes(cosigned=True) == sizes
            reading.close()
            # What was known of the witness is lost: it says itself where it is.
            (tmp_path / "mill" / "data" / ledger_outside.RECORD).unlink()
            outside.forget()
            outside.look()
            assert outside.anchors[0].size > sizes[-1] and not outside.evidence


def test_witness_that_does_not_know_us_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        station(tmp_path / "mill", monkeypatch) as made,
        witness(tmp_path / "partner", made, knows=False) as url,
    ):
        point(made, witnesses=(LedgerWitness(url, VKEY),))
        made.scribe.outside.look()
        (anchor,) = made.scribe.outside.anchors
        assert "give its people a trust file (watchroom ledger keys)" in anchor.trouble
        assert made.scribe.evidence == ()


@pytest.mark.parametrize("how", ["cut", "rewritten", "rewritten and grown"])
def test_witness_finds_a_past_that_is_not_the_one_it_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Somebody with the key and all of this computer writes the ledger anew: the partner's 200 bytes tell."""
    with station(tmp_path / "mill", monkeypatch) as made:
        shutil.copytree(tmp_path / "mill", tmp_path / "before")
        for k in range(3):
            record(made, sent(k))
        with witness(tmp_path / "partner", made) as url:
            point(made, witnesses=(LedgerWitness(url, VKEY),))
            made.scribe.outside.look()
            assert made.scribe.outside.anchors[0].size > 3
            count, ring = made.scribe.outside.anchors[0].size, made.ring
            made.close()
            shutil.rmtree(tmp_path / "mill")
            shutil.copytree(tmp_path / "before", tmp_path / "mill")
            for anchor in (Path(ledger_outside.paths.user_config()) / "ledgers").glob("*.json"):
                anchor.unlink()
            forged = Station(tmp_path / "mill", ring)
            try:
                until(lambda: not forged.scribe.is_starting, 10)
                extra = {"cut": 0, "rewritten": count - forged_size(forged), "rewritten and grown": 9}[how]
                for k in range(extra):
                    record(forged, sent(100 + k))
                point(forged, witnesses=(LedgerWitness(url, VKEY),))
                forged.scribe.outside.look()
                (evidence,) = forged.scribe.evidence
                said = "there are only" if how == "cut" else "saw another past of the first"
                assert said in evidence
                kept = ledger_outside.Anchors(forged.project, forged.clock, lambda note, key: None)
                assert kept.evidence == (evidence,), "also after a new start"
            finally:
                forged.close()


def forged_size(made: Station) -> int:
    reading = Reading(made.scribe.file)
    size = reading.size
    reading.close()
    return size


def test_answer_that_is_too_long_or_leads_elsewhere_is_none(tmp_path: Path, authority: Authority) -> None:
    with authority.served() as url:
        query = b"\x30\x03\x02\x01\x01"
        assert post(url, query, "application/timestamp-query", 10_000).status == 200
        with pytest.raises(NoAnswer, match="more than 10 bytes"):
            post(url, query, "application/timestamp-query", 10)
    with pytest.raises(NoAnswer, match="does not answer"):
        post(NOWHERE, b"", "text/plain", 10)


def test_answer_that_comes_byte_by_byte_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_http, "WHOLE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            taken, _ = listening.accept()
            with taken, contextlib.suppress(OSError):
                taken.recv(4096)
                taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(100):
                    taken.sendall(b"x")
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        with pytest.raises(NoAnswer, match="did not end its answer"):
            post(f"http://127.0.0.1:{listening.getsockname()[1]}", b"", "text/plain", 10_000)

"""A witness answers as C2SP tlog-witness says, and never cosigns two pasts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ledger import Ledger, desk_server, submission
from engine.ledger.checkpoint import read_checkpoint
from engine.ledger.desk import Desk
from engine.ledger.fork import is_proven, read_evidence
from engine.ledger.note import COSIGNATURE, from_base64, to_base64
from engine.ledger.rotation import LogKey
from engine.ledger.submission import SIZE_TYPE, Submission, read_submission
from engine.ledger.trust import Trust, TrustedKey
from tests.engine.ledger.made import ORIGIN, PARTNER, Clock, drafts, key, ledger

OURS = PARTNER.verifier(COSIGNATURE)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "desk", PARTNER, Clock())
    know(tmp_path / "desk")
    return made


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Ledger]:
    made = ledger(tmp_path / "ledger.db")
    made.append(drafts(6))
    yield made
    made.reading.close()
    made.close()


def know(folder: Path, **key_facts: int) -> None:
    """Give the witness a trust file of the ledger."""
    trust = {"origin": ORIGIN, "keys": [{"vkey": key().verifier().text, **key_facts}]}
    (folder / "ledgers" / "line-4.json").write_text(json.dumps(trust))


def offered(opened: Ledger, old: int, size: int | None = None) -> bytes:
    note = opened.reading.checkpoint(size)
    return Submission(old, tuple(opened.reading.consistency(old, _size(note))), note).text.encode()


def _size(note: str) -> int:
    return read_checkpoint(note)[1].size


def test_example_of_the_specification_is_read() -> None:
    """From c2sp.org/tlog-witness."""
    text = (
        "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
        "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
        "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\nexample.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    )
    found = read_submission(text)
    assert (found.old, len(found.proof), _size(found.note)) == (20852014, 4, 20852163)
    assert found.text == text


def test_growing_ledger_is_cosigned_again_and_again(desk: Desk, opened: Ledger) -> None:
    old = 0
    for _ in range(4):
        answer = desk.answer(offered(opened, old))
        assert answer.status == 200
        note = submission.cosigned(opened.checkpoint, answer.text, OURS)
        opened.add_cosignature(note, OURS.text)
        old = opened.size
        opened.append(drafts(3, old))
    assert len(opened.reading.checkpoint_sizes(cosigned=True)) == 4


def test_each_refusal_has_the_status_of_the_specification(desk: Desk, opened: Ledger, tmp_path: Path) -> None:
    assert desk.answer(b"hello").status == 400
    assert desk.answer(b"\xff\xfe").status == 400
    assert desk.answer(offered(opened, 0).replace(b"old 0", b"old 8")).status == 400
    other = ledger(tmp_path / "other.db", number=2)
    assert desk.answer(offered(other, 0)).status == 403, "not by its key"
    know(tmp_path / "desk", revoked_at=5)
    assert desk.answer(offered(opened, 0)).status == 403, "by a key that was revoked before"
    (tmp_path / "desk" / "ledgers" / "line-4.json").unlink()
    assert desk.answer(offered(opened, 0)).status == 404
    know(tmp_path / "desk")
    assert desk.answer(offered(opened, 0)).status == 200
    opened.append(drafts(2, 6))
    stale = desk.answer(offered(opened, 5))
    assert (stale.status, stale.kind, stale.text) == (409, SIZE_TYPE, "7\n")
    proofless = Submission(7, (), opened.checkpoint).text.encode()
    assert desk.answer(proofless).status == 422
    assert desk.answer(offered(opened, 7)).status == 200
    other.reading.close()
    other.close()


def test_other_past_of_the_same_size_is_kept_as_proof(desk: Desk, opened: Ledger, tmp_path: Path) -> None:
    assert desk.answer(offered(opened, 0)).status == 200
    forked = ledger(tmp_path / "forked.db")
    forked.append(drafts(6, 1))
    answer = desk.answer(Submission(7, (), forked.checkpoint).text.encode())
    assert (answer.status, answer.text) == (409, "7\n")
    (proof,) = (tmp_path / "desk" / "seen").glob("fork-*.json")
    assert is_proven(read_evidence(proof), [LogKey(key().verifier())])
    forked.append(drafts(2, 7))
    assert desk.answer(offered(forked, 7)).status == 422
    assert desk.answer(offered(opened, 7)).status == 200, "the one it knows goes on"
    forked.reading.close()
    forked.close()


def test_what_the_ledger_did_not_sign_leaves_nothing_behind(
    desk: Desk, opened: Ledger, tmp_path: Path
) -> None:
    """A line with the ledger's name and key number, and anything for a signature, is anybody's."""
    assert desk.answer(offered(opened, 0)).status == 200
    text, _, line = opened.checkpoint.rpartition(" ")
    forged = to_base64(from_base64(line.strip())[:4] + bytes(64))
    assert desk.answer(Submission(7, (), f"{text} {forged}\n").text.encode()).status == 403
    assert not list((tmp_path / "desk" / "seen").glob("fork-*.json"))


@pytest.mark.parametrize("junk", [b"junk", b"\xff"])
def test_damaged_memory_of_the_witness_is_no_fault_of_the_ledger(
    desk: Desk, opened: Ledger, tmp_path: Path, junk: bytes
) -> None:
    assert desk.answer(offered(opened, 0)).status == 200
    (seen,) = (tmp_path / "desk" / "seen").glob("*.checkpoint")
    seen.write_bytes(junk)
    with pytest.raises(OSError, match="damaged"):
        desk.answer(offered(opened, 7))
    assert seen.read_bytes() == junk and not list(seen.parent.glob("fork-*.json"))


def test_connections_that_say_one_byte_after_the_other_do_not_keep_the_room(
    desk: Desk, opened: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_server, "WHOLE_S", 0.2)
    with desk_server.DeskServer(desk, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as slow:
            slow.sendall(b"POST /add-checkpoint HTTP/1.1\r\nX: ")
            assert slow.recv(1) == b"", "closed long before it is silent for too long"
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as long:
            long.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5000))
            assert b" 413 " in long.recv(99)
        server.shutdown()


def test_of_requests_at_once_each_size_is_cosigned_from_the_one_before(desk: Desk, opened: Ledger) -> None:
    """The race of the specification: a later size must never be rolled back by an earlier one."""
    sizes = [opened.size]
    for k in range(12):
        opened.append(drafts(1, 100 + k))
        sizes.append(opened.size)
    bodies = [offered(opened, 0, size) for size in sizes]
    answers = dict[int, int]()

    def send(at: int) -> None:
        answers[at] = desk.answer(bodies[at]).status

    threads = [threading.Thread(target=send, args=(at,)) for at in range(len(bodies))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers.values()) == [200, *[409] * 12], "one was the first; all others name old 0"
    first = next(at for at, status in answers.items() if status == 200)
    assert desk.answer(offered(opened, 0)).text == f"{sizes[first]}\n"


def test_answer_of_a_witness_counts_only_by_its_own_key_and_for_our_checkpoint(
    desk: Desk, opened: Ledger
) -> None:
    line = desk.answer(offered(opened, 0)).text
    with pytest.raises(submission.ProofRefused):
        submission.cosigned(opened.checkpoint, line, key("stranger.example/w").verifier(COSIGNATURE))
    opened.append(drafts(1, 50))
    with pytest.raises(submission.ProofRefused):
        submission.cosigned(opened.checkpoint, line, OURS)
    with pytest.raises(submission.ProofRefused):
        submission.cosigned(opened.checkpoint, "<html>busy</html>", OURS)


def test_trust_file_that_watchroom_writes_is_one_that_a_witness_reads() -> None:
    made = Trust(ORIGIN, (TrustedKey(key().verifier().text),))
    assert made.log_keys == (LogKey(key().verifier()),)

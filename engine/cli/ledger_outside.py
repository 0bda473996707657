"""The verbs between a ledger and those outside: trust files, time stamps by hand, a witness; a new ledger."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path
from typing import Any

import msgspec

from engine.app.ledger_open import CHECKPOINTS, ledger_file
from engine.cli.out import Exit, fail, say, say_json
from engine.cli.person import add_person, logged_in, station
from engine.cli.project import loaded
from engine.client import Client
from engine.clock import SystemClock
from engine.ledger import LedgerError, ProofRefused, Reading, SigningKey, make_key, seal, unseal
from engine.ledger.desk import Desk
from engine.ledger.desk_server import DeskServer
from engine.ledger.note import COSIGNATURE
from engine.ledger.stamp import read_authorities
from engine.ledger.stamped import asked, take, waiting, words
from engine.ledger.trust import Trust, TrustedKey
from engine.store import StoreError
from engine.store.sealing import passphrase
from engine.types import NotRecorded
from engine.wire import LedgerBeginBody

KEY_FILE = "witness.key"
BEGIN_S = 30.0


def add_verbs(does: Any) -> None:
    """Add them to the parsers of ``watchroom ledger``."""
    keys = does.add_parser("keys", help="print a trust file of this ledger, for a partner or a witness")
    keys.set_defaults(ledger=_keys)
    stamp = does.add_parser("stamp", help="carry a time stamp of RFC 3161 by hand, where there is no network")
    stamp.set_defaults(ledger=_stamp)
    new = does.add_parser("new", help="the key is lost for good: end this ledger and begin a new one")
    new.set_defaults(ledger=_new)
    for each in (keys, stamp, new):
        each.add_argument("dir", type=Path, help="the project folder")
    way = stamp.add_mutually_exclusive_group(required=True)
    way.add_argument("--request", type=Path, metavar="FILE", help="write what the authority is to be sent")
    way.add_argument("--reply", type=Path, metavar="FILE", help="check and keep what the authority answered")
    stamp.add_argument(
        "--ca", type=Path, metavar="FILE", help="authorities in PEM form; without it stamp_ca of plant.toml"
    )
    new.add_argument("--reason", required=True, metavar="WHY", help="it goes on record")
    add_person(new)
    witness = does.add_parser("witness", help="cosign the checkpoints of partners' ledgers, over HTTP")
    witness.set_defaults(ledger=_witness)
    witness.add_argument("folder", type=Path, help="where the witness keeps its key and what it saw")
    witness.add_argument("--listen", required=True, metavar="HOST:PORT", help="as in 0.0.0.0:7380")
    witness.add_argument("--name", default="", help="made once, as in partner.example/audit")


def _keys(arguments: argparse.Namespace) -> Exit:
    reading = Reading(ledger_file(arguments.dir))
    try:
        keys = tuple(TrustedKey(each.key.text, each.since, each.revoked_at) for each in reading.keys)
        say(msgspec.json.encode(Trust(reading.origin, keys)).decode())
    finally:
        reading.close()
    return Exit.DONE


def _stamp(arguments: argparse.Namespace) -> Exit:
    folder = arguments.dir / "data" / CHECKPOINTS
    reading = Reading(ledger_file(arguments.dir))
    try:
        files = waiting(folder, reading.origin)
        if not files:
            return fail("every checkpoint has its time stamp; the next one is made at the end of the day")
        if arguments.request:
            arguments.request.write_bytes(asked(files[0]))
            say(f"{arguments.request} is the request for {files[0].name}: send it to the authority,")
            say("as application/timestamp-query, and bring its answer back with --reply")
            return Exit.DONE
        return _take(arguments, files, reading)
    finally:
        reading.close()


def _take(arguments: argparse.Namespace, files: list[Path], reading: Reading) -> Exit:
    authorities: Path | None = arguments.ca
    if authorities is None:
        project = loaded(arguments.dir)
        if isinstance(project, Exit):
            return project
        if not project.plant.ledger.stamp_ca:
            return fail("say who vouches for the authority: --ca FILE, or stamp_ca in plant.toml", Exit.USAGE)
        authorities = Path(project.plant.ledger.stamp_ca)
    trusted, reply, why = read_authorities(authorities.read_bytes()), arguments.reply.read_bytes(), ""
    for file in files:
        if not file.with_suffix(".tsq").exists():
            continue  # nothing was asked for it
        try:
            found = take(file, reply, trusted, reading)
        except ProofRefused as error:
            why = why or str(error)
        else:
            size = int(file.read_text("utf-8").split("\n")[1])
            say(f"{file.name}: {words(size, found)}")
            return Exit.DONE
    return fail(f"{arguments.reply} was not kept: {why or 'no time stamp was asked for with --request'}")


def _new(arguments: argparse.Namespace) -> Exit:
    client = Client(arguments.dir, "cli")
    try:
        with logged_in(client, arguments):
            asked_for = LedgerBeginBody(arguments.reason, arguments.person or station())
            name = client.call("ledger_begin", asked_for, str, timeout_s=BEGIN_S)
    except NotRecorded as error:
        return fail(str(error))
    finally:
        client.close()
    say(f"the ledger {name} is begun; the one before is kept in data/ledgers and can be checked there")
    say("give partners and witnesses the new trust file: watchroom ledger keys")
    return Exit.DONE


def _witness(arguments: argparse.Namespace) -> Exit:
    host, _, port = arguments.listen.rpartition(":")
    if not host or not port.isdecimal():
        return fail("say where to listen as HOST:PORT, as in 127.0.0.1:7380", Exit.USAGE)
    try:
        key = _witness_key(arguments.folder, arguments.name)
    except (LedgerError, StoreError) as error:
        return fail(str(error))
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()

    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), stop)
    with DeskServer(Desk(arguments.folder, key, SystemClock()), host.strip("[]"), int(port)) as server:
        threading.Thread(target=server.serve_forever, name="witness", daemon=True).start()
        say_json({"ready": True, "url": server.url, "key": key.verifier(COSIGNATURE).text})
        stopped.wait()
        server.shutdown()
    return Exit.DONE


def _witness_key(folder: Path, name: str) -> SigningKey:
    """The key of a witness, made the first time.

    Raises:
        LedgerError: it has none and no name to make one, it has another name, or it cannot be opened.
        StoreError: there is no passphrase.
    """
    file = folder / KEY_FILE
    if file.exists():
        key = unseal(file, passphrase().secret)
        if name and name != key.name:
            raise LedgerError(
                f"this witness is called {key.name}, not {name}; another one needs a folder of its own"
            )
        return key
    if not name:
        raise LedgerError("give the witness a name, once: --name partner.example/audit")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = make_key(name)
    seal(file, key, passphrase().secret)
    return key

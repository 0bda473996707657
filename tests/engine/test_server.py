"""Server and client over a real socket, Unix and loopback TCP, in one process."""

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine import paths, wire
from engine.client import Answered, Client, Closed, EngineAbsent, Event, RequestFailed
from engine.clock import SystemClock
from engine.live import LiveTable, plan
from engine.server import MOST_UNSENT, RequestRefused, Server
from engine.store import StoredEvent
from engine.wire import Hello, Request

CLOCK = SystemClock()
BOOT = 77


class Journalled:
    """Events as the journal has them."""

    def __init__(self) -> None:
        self.events: list[StoredEvent] = []

    def after(self, seq: int) -> Sequence[StoredEvent]:
        return [event for event in self.events if event.seq > seq][:3]

    def last(self) -> int:
        return len(self.events)

    def add(self, count: int) -> Sequence[StoredEvent]:
        first = len(self.events) + 1
        fresh = [StoredEvent(first + k, 0, "thing", {"k": first + k}) for k in range(count)]
        self.events += fresh
        return fresh


class Bench:
    """A server in a loop thread of its own, with a live file, for a real client."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.journal = folder, Journalled()
        self.left: list[bool] = []
        self.server: Server
        self.loop = asyncio.new_event_loop()

    def run(self, work: Awaitable[object]) -> object:
        async def awaited() -> object:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(5)

    def do(self, act: Callable[[], object]) -> object:
        async def acted() -> object:
            return act()

        return self.run(acted())


async def _echo(body: msgspec.Raw) -> object:
    return msgspec.msgpack.decode(body)


async def _refuse(body: msgspec.Raw) -> object:
    raise RequestRefused("not while the press moves")


async def _break(body: msgspec.Raw) -> object:
    raise ZeroDivisionError


async def _huge(body: msgspec.Raw) -> object:
    return bytes(wire.LONGEST_FRAME + 5)


@contextmanager
def bench(folder: Path, loopback: bool = False) -> Iterator[Bench]:
    made = Bench(folder)
    runtime = paths.runtime(folder)
    layout = plan(2, BOOT, 1 << 16)
    live = runtime / "live.bin"
    table = LiveTable(live, layout, np.arange(2, dtype=np.int32), CLOCK.mono_us())
    hello = Hello(paths.PROTOCOL, paths.version(), BOOT, "engine", os.getpid(), str(live), layout)
    answers = {"echo": _echo, "refuse": _refuse, "break": _break, "huge": _huge}
    made.server = Server(
        hello, answers, made.journal.after, made.journal.last, CLOCK, lambda: made.left.append(True)
    )
    thread = threading.Thread(target=made.loop.run_forever)
    thread.start()
    try:
        address = made.run(made.server.open(runtime, loopback=loopback))
        paths.write_facts(
            folder, paths.EngineFacts(os.getpid(), BOOT, paths.PROTOCOL, str(address), str(live))
        )
        yield made
    finally:
        made.run(made.server.close())
        made.loop.call_soon_threadsafe(made.loop.stop)
        thread.join()
        made.loop.close()
        table.close()


@contextmanager
def client(folder: Path, role: str = "hmi") -> Iterator[Client]:
    made = Client(folder, role)
    try:
        yield made
    finally:
        made.close()


def until(condition: Callable[[], object], seconds: float = 5.0) -> object:
    deadline = CLOCK.mono_us() + seconds * 1e6
    tick = threading.Event()
    while CLOCK.mono_us() < deadline:
        found = condition()
        if found:
            return found
        tick.wait(0.01)
    raise AssertionError("it did not happen in time")


@pytest.mark.parametrize("loopback", [False, True])
def test_request_is_answered_and_the_live_file_found(tmp_path: Path, loopback: bool) -> None:
    with bench(tmp_path, loopback), client(tmp_path) as attached:
        assert attached.call("echo", {"a": [1, 2]}, dict[str, list[int]]) == {"a": [1, 2]}
        assert attached.hello.boot == BOOT
        assert len(attached.live.snapshot(CLOCK.mono_us()).value) == 2


def test_answer_longer_than_a_frame_arrives_whole(tmp_path: Path) -> None:
    with bench(tmp_path), client(tmp_path) as attached:
        assert len(attached.call("huge", None, bytes)) == wire.LONGEST_FRAME + 5


def test_refusal_reaches_the_person_in_its_words(tmp_path: Path) -> None:
    with bench(tmp_path), client(tmp_path) as attached:
        with pytest.raises(RequestFailed, match="not while the press moves"):
            attached.call("refuse", None, object)
        with pytest.raises(RequestFailed, match="does not know the request 'fly'"):
            attached.call("fly", None, object)


def test_fault_in_an_answer_closes_nothing_and_shows_no_internals(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with bench(tmp_path), client(tmp_path) as attached:
        with pytest.raises(RequestFailed, match="see data/log"):
            attached.call("break", None, object)
        assert "ZeroDivisionError" in caplog.text
        assert attached.call("echo", 5, int) == 5


def test_without_an_engine_the_client_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(EngineAbsent, match="watchroom engine"):
        Client(tmp_path, "cli")
    paths.write_facts(tmp_path, paths.EngineFacts(1, 2, 1, f"unix:{tmp_path}/gone", "gone"))
    with pytest.raises(EngineAbsent, match="watchroom engine"):
        Client(tmp_path, "cli")


def test_events_resume_without_a_gap_or_a_double(tmp_path: Path) -> None:
    with bench(tmp_path) as made, client(tmp_path) as attached:
        made.journal.add(10)
        attached.request("events", {"after": 4})
        seen: list[int] = []

        def arrived(last: int) -> bool:
            seen.extend(item.seq for item in attached.drain() if isinstance(item, Event))
            return bool(seen) and seen[-1] == last

        until(lambda: arrived(10))
        made.do(lambda: made.server.publish(made.journal.add(5)))
        until(lambda: arrived(15))
        assert seen == list(range(5, 16))


def test_events_that_come_in_crowds_are_told_in_brief_to_who_asks_for_it(tmp_path: Path) -> None:
    with bench(tmp_path) as made, client(tmp_path) as attached:
        name = made.journal.add(1)[0].event
        attached.call("events", {"after": None, "brief": [name]}, object)
        seen: list[Event] = []

        def arrived(last: int) -> bool:
            seen.extend(item for item in attached.drain() if isinstance(item, Event))
            return bool(seen) and seen[-1].seq == last

        made.do(lambda: made.server.publish(made.journal.add(500)))
        until(lambda: arrived(501))
        assert [(each.seq, each.event, each.body) for each in seen] == [(501, name, {})]


def test_events_without_a_seq_begin_now(tmp_path: Path) -> None:
    with bench(tmp_path) as made, client(tmp_path) as attached:
        made.journal.add(10)
        attached.call("events", {"after": None}, object)
        made.do(lambda: made.server.publish(made.journal.add(1)))
        seen: list[int] = []

        def arrived() -> bool:
            seen.extend(item.seq for item in attached.drain() if isinstance(item, Event))
            return bool(seen)

        until(arrived)
        assert seen == [11]


def test_journal_that_cannot_be_read_is_answered_and_new_events_still_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(seq: int) -> Sequence[StoredEvent]:
        raise OSError("a page is damaged")

    with bench(tmp_path) as made, client(tmp_path) as attached:
        monkeypatch.setattr(made.server, "_events_after", damaged)
        with pytest.raises(RequestFailed, match="journal could not be read"):
            attached.call("events", {"after": 0}, object)
        (each,) = made.server._clients  # noqa: SLF001
        until(lambda: each.backlog is None)  # nothing is collected for a client that will not get it
        made.do(lambda: made.server.publish(made.journal.add(1)))
        until(lambda: any(isinstance(item, Event) for item in attached.drain()))


def test_client_hears_that_the_engine_went_away(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        attached = Client(tmp_path, "hmi")
        made.run(made.server.close())
        until(lambda: any(isinstance(item, Closed) for item in attached.drain()))
        attached.close()


def test_last_window_that_leaves_cleanly_is_noticed_and_a_killed_one_is_not(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        crashed = Client(tmp_path, "hmi")
        crashed.close()  # no "leave": as a crash looks to the engine
        until(lambda: made.server.windows() == 0)
        assert made.left == []
        with client(tmp_path) as first, client(tmp_path) as second:
            until(lambda: made.server.windows() == 2)
            first.call("leave", None, object)
            first.close()
            until(lambda: made.server.windows() == 1)
            assert made.left == []
            second.call("leave", None, object)
        until(lambda: made.left)


def test_frozen_window_is_counted_once_until_it_thaws(tmp_path: Path) -> None:
    with bench(tmp_path) as made, client(tmp_path) as attached:
        until(lambda: made.server.windows() == 1)
        made.do(made.server.watch_windows)
        assert made.server.frozen_windows == 0
        (each,) = made.server._clients  # noqa: SLF001
        each.seen_mono_us -= 3_000_000
        made.do(made.server.watch_windows)
        made.do(made.server.watch_windows)
        assert made.server.frozen_windows == 1
        attached.call("beat", None, object)
        made.do(made.server.watch_windows)
        assert not each.frozen


def test_other_protocol_version_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench(tmp_path) as made:
        hello = Hello(99, "9.9", BOOT, "engine", 1, "x")
        monkeypatch.setattr(made.server, "_hello", hello)
        with pytest.raises(wire.WireError, match="speaks protocol 99"):
            Client(tmp_path, "hmi")


def test_stranger_without_the_token_gets_nothing(tmp_path: Path) -> None:
    with bench(tmp_path, loopback=True):
        token = paths.runtime(tmp_path) / "token"
        assert token.stat().st_mode & 0o077 == 0
        token.write_bytes(bytes(32))
        with pytest.raises(EngineAbsent):
            Client(tmp_path, "hmi")


def test_nonsense_on_the_socket_closes_only_that_connection(tmp_path: Path) -> None:
    with bench(tmp_path), client(tmp_path) as attached:
        facts = paths.read_facts(tmp_path)
        assert facts is not None
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, wire.frame(Request(1, "echo"))):
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.settimeout(5)
                stranger.connect(facts.socket.removeprefix("unix:"))
                stranger.sendall(noise)
                assert stranger.recv(100) == b""
        assert attached.call("echo", 1, int) == 1


def test_client_that_does_not_read_is_cut_off(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        facts = paths.read_facts(tmp_path)
        assert facts is not None
        with socket.socket(socket.AF_UNIX) as lazy:
            lazy.connect(facts.socket.removeprefix("unix:"))
            lazy.sendall(wire.frame(Hello(paths.PROTOCOL, "x", role="hmi", pid=1)))
            until(lambda: made.server.windows() == 1)
            for k in range(MOST_UNSENT // wire.LONGEST_FRAME + 2):
                lazy.sendall(wire.frame(Request(k, "huge")))
            until(lambda: made.server.windows() == 0)


def test_socket_and_folder_are_closed_to_other_users(tmp_path: Path) -> None:
    with bench(tmp_path):
        runtime = paths.runtime(tmp_path)
        assert runtime.stat().st_mode & 0o077 == 0
        assert (runtime / "engine.sock").stat().st_mode & 0o077 == 0


def test_answers_wait_until_they_are_drained(tmp_path: Path) -> None:
    with bench(tmp_path), client(tmp_path) as attached:
        wanted = [attached.request("echo", k) for k in range(20)]
        got: list[Answered] = []

        def all_in() -> bool:
            got.extend(item for item in attached.drain() if isinstance(item, Answered))
            return len(got) == 20

        until(all_in)
        answers = {item.id: msgspec.msgpack.decode(item.body) for item in got}
        assert answers == {number: k for k, number in enumerate(wanted)}

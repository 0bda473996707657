import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.driver import Context, Driver, NotReady, Refused
from engine.drivers.link import Link
from engine.drivers.supervisor import back_off_s, supervise
from engine.types import Batch, SourceStateName, Status, Tag
from tests.engine.drivers.recording import FakeClock, RecordingSink, context, until

TAGS = [Tag(1, "A/One", "plc", "holding:0"), Tag(2, "A/Two", "plc", "holding:1")]


@dataclass
class HeldClock(FakeClock):
    """A clock whose sleeps end only when the test lets them."""

    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.go.wait()
        self.go.clear()
        self.now += round(seconds * 1e6)


@dataclass
class Scene:
    """One supervised source, with everything it did."""

    link: Link
    sink: RecordingSink
    clock: FakeClock
    states: list[SourceStateName]
    task: asyncio.Task[None]


def driver(run: Callable[[Context], Awaitable[None]]) -> Driver:
    async def browse(context: Context, node: str) -> list[object]:
        raise AssertionError

    return Driver("fake", lambda s: (), lambda a: (), lambda a: "", lambda: None, run, browse)


@asynccontextmanager
async def supervised(
    run: Callable[[Context], Awaitable[None]], clock: FakeClock | None = None
) -> AsyncIterator[Scene]:
    clock = clock or HeldClock()
    sink = RecordingSink()
    link = Link()
    states: list[SourceStateName] = []
    task = asyncio.create_task(
        supervise(
            context("tcp://plc", TAGS, sink, clock), driver(run), link, states.append, lambda low, high: high
        )
    )
    try:
        yield Scene(link, sink, clock, states, task)
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        assert task.done()


def batch(clock: FakeClock, rows: int = 1) -> Batch:
    time_us = np.full(rows, clock.now_us(), dtype=np.int64)
    return Batch(
        7, np.array([1, 2], np.int32), time_us, time_us, np.ones((rows, 2)), np.zeros(2, dtype=np.uint32)
    )


async def forever(run_context: Context) -> None:
    run_context.sink.connected("none")
    await asyncio.Event().wait()


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_back_off_stays_between_1_and_30_seconds(attempt: int, chance: random.Random) -> None:
    assert 1.0 <= back_off_s(attempt, chance.uniform) <= 30.0


def test_back_off_doubles_its_ceiling_up_to_30_seconds() -> None:
    def highest(low: float, high: float) -> float:
        return high

    assert [back_off_s(attempt, highest) for attempt in range(6)] == [2, 4, 8, 16, 30, 30]


def test_back_off_uses_the_whole_span() -> None:
    assert back_off_s(9, lambda low, high: low) == 1.0


async def test_a_busy_device_is_asked_ever_more_rarely() -> None:
    async def run(_: Context) -> None:
        raise NotReady("plc has no session left", "close one of its clients", busy=True)

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: len(scene.clock.slept) >= 6)
        assert scene.clock.slept[:6] == [2, 4, 8, 16, 30, 30]
        assert scene.link.state == "connecting"
        assert scene.link.reconnects == 0


async def test_a_device_that_does_not_answer_is_asked_often_for_as_long_as_it_takes() -> None:
    async def run(_: Context) -> None:
        raise NotReady("plc:502 does not answer", "check power and cable")

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: len(scene.clock.slept) >= 50)
        assert set(scene.clock.slept) == {2.5}
        assert (scene.link.what, scene.link.do) == ("plc:502 does not answer", "check power and cable")
        assert scene.link.last_error == "plc:502 does not answer: check power and cable"


async def test_a_driver_may_ask_for_a_longer_pause() -> None:
    async def run(_: Context) -> None:
        raise NotReady("unit 3 is silent", again_s=25.0)

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: len(scene.clock.slept) >= 3)
        assert set(scene.clock.slept) == {25.0}


async def test_what_is_wrong_is_taken_back_once_the_link_is_up_and_kept_in_its_history() -> None:
    fails = iter([True])

    async def run(run_context: Context) -> None:
        if next(fails, False):
            raise Refused("the server is not trusted", "compare its thumbprint")
        await forever(run_context)

    async with supervised(run) as scene:
        await until(lambda: scene.link.state == "refused")
        assert scene.link.do == "compare its thumbprint"
        scene.link.retry_now()
        await until(lambda: scene.link.state == "connected")
        assert (scene.link.what, scene.link.do) == ("", "")
        assert [(e.state, e.why) for e in scene.link.events] == [
            ("refused", "the server is not trusted: compare its thumbprint"),
            ("connected", ""),
        ]


async def test_notes_outlive_the_link_and_facts_do_not() -> None:
    async def run(run_context: Context) -> None:
        run_context.sink.connected("none")
        run_context.sink.fact("answer time", "3 ms")
        run_context.sink.note("clock", "its clock is 60 s ahead", "set it")
        facts.append(dict(scene.link.facts))
        raise NotReady("gone")

    facts: list[dict[str, str]] = []
    async with supervised(run, FakeClock()) as scene:
        await until(lambda: len(scene.clock.slept) >= 2)
        since_us = scene.link.notes["clock"].since_us
        await until(lambda: len(scene.clock.slept) >= 4)
        assert scene.link.notes["clock"].since_us == since_us
        assert facts[0] == {"answer time": "3 ms"}


async def test_a_note_can_be_taken_back() -> None:
    async def run(run_context: Context) -> None:
        run_context.sink.note("limit", "the server allows 100 items")
        run_context.sink.note("limit", "")
        await forever(run_context)

    async with supervised(run) as scene:
        await until(lambda: scene.link.state == "connected")
        assert scene.link.notes == {}


async def test_back_off_starts_over_only_after_a_link_that_lived_30_seconds() -> None:
    lifetimes = iter([31.0, 5.0, 5.0, 31.0])

    async def run(run_context: Context) -> None:
        run_context.sink.connected("none")
        scene.clock.now += round(next(lifetimes, 0.0) * 1e6)
        raise NotReady("gone", busy=True)

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: len(scene.clock.slept) >= 4)
        assert scene.clock.slept[:4] == [2, 4, 8, 2]


async def test_states_follow_the_link_and_each_return_counts_as_a_reconnect() -> None:
    broken = asyncio.Event()

    async def run(run_context: Context) -> None:
        run_context.sink.connected("Basic256Sha256")
        await broken.wait()
        broken.clear()
        raise NotReady("the cable is out")

    async with supervised(run) as scene:
        await until(lambda: scene.link.state == "connected")
        assert scene.link.security == "Basic256Sha256"
        broken.set()
        await until(lambda: scene.link.state == "connecting" and scene.clock.slept)
        assert scene.link.security == "", "a link that is gone is not secured"
        assert scene.link.reconnects == 0
        scene.clock.go.set()
        await until(lambda: scene.link.state == "connected")
        assert scene.link.reconnects == 1
        assert scene.link.security == "Basic256Sha256"
        assert scene.link.last_error == "the cable is out"
    assert scene.link.security == ""
    assert scene.states == ["connected", "connecting", "connected", "stopped"]


async def test_every_end_of_a_run_marks_all_tags_stale() -> None:
    async def run(_: Context) -> None:
        raise NotReady("no")

    async with supervised(run) as scene:
        await until(lambda: scene.clock.slept)
        assert scene.sink.marks == [([1, 2], Status.STALE)]


async def test_stopping_marks_all_tags_stale() -> None:
    async with supervised(forever) as scene:
        await until(lambda: scene.link.state == "connected")
    assert scene.sink.marks == [([1, 2], Status.STALE)]
    assert scene.link.state == "stopped"
    assert scene.task.cancelled()


async def test_a_refusal_waits_30_seconds_or_for_a_person() -> None:
    tries = 0

    async def run(run_context: Context) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise Refused("The certificate is not trusted; run watchroom trust.")
        await forever(run_context)

    async with supervised(run) as scene:
        await until(lambda: scene.clock.slept == [30.0])
        assert scene.link.state == "refused"
        assert scene.link.last_error.startswith("The certificate")
        scene.link.retry_now()
        await until(lambda: tries == 2 and len(scene.clock.slept) == 2)
        scene.clock.go.set()
        await until(lambda: scene.link.state == "connected")
    assert scene.states == ["refused", "connected", "stopped"]


async def test_a_person_s_retry_during_an_attempt_is_not_lost() -> None:
    tries = 0

    async def run(_: Context) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            scene.link.retry_now()
        raise Refused("no")

    async with supervised(run) as scene:
        await until(lambda: tries == 2)


async def test_an_unexpected_failure_is_logged_with_its_traceback_and_retried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries = 0

    async def run(_: Context) -> None:
        nonlocal tries
        tries += 1
        raise KeyError("register")

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: tries >= 4)
        assert scene.link.state == "connecting"
        assert "KeyError" in scene.link.last_error
        records = [record for record in caplog.records if record.name == "watchroom.source.plc"]
    assert len(records) == 1
    assert records[0].levelno == logging.ERROR
    assert records[0].exc_info is not None


async def test_a_driver_that_just_ends_is_started_again() -> None:
    tries = 0

    async def run(_: Context) -> None:
        nonlocal tries
        tries += 1

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: tries >= 2)
        assert "ended without a reason" in scene.link.last_error


async def test_a_broken_link_is_logged_once_and_its_return_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    tries = 0

    async def run(run_context: Context) -> None:
        nonlocal tries
        tries += 1
        if tries <= 4:
            raise NotReady("plc:502 does not answer.")
        await forever(run_context)

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: scene.link.state == "connected")
    lines = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "watchroom.source.plc"]
    assert lines == [
        ("WARNING", "plc:502 does not answer."),
        ("INFO", "tcp://plc is connected again after 10 s."),
    ]


async def test_a_cancel_is_done_within_2_seconds_though_the_driver_hangs_in_close(
    caplog: pytest.LogCaptureFixture,
) -> None:
    release = asyncio.Event()

    async def run(run_context: Context) -> None:
        run_context.sink.connected("none")
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    loop = asyncio.get_running_loop()
    async with supervised(run) as scene:
        await until(lambda: scene.link.state == "connected")
        began = loop.time()
        scene.task.cancel()
        await asyncio.wait({scene.task}, timeout=5)
        assert loop.time() - began < 2.0
        assert scene.task.cancelled()
        assert scene.link.state == "stopped"
    assert "does not stop" in caplog.text
    release.set()


async def test_a_driver_left_behind_can_report_nothing_more() -> None:
    release = asyncio.Event()

    async def run(run_context: Context) -> None:
        run_context.sink.connected("none")
        try:
            await asyncio.Event().wait()
        finally:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue
            run_context.sink.batch(batch(scene.clock))
            finished.set()

    finished = asyncio.Event()
    async with supervised(run) as scene:
        await until(lambda: scene.link.state == "connected")
    release.set()
    await until(finished.is_set)
    assert scene.sink.batches == []
    assert scene.link.samples == 0


async def test_a_driver_may_take_a_moment_to_close_cleanly() -> None:
    closed = asyncio.Event()

    async def run(run_context: Context) -> None:
        run_context.sink.connected("none")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)
            closed.set()

    async with supervised(run) as scene:
        await until(lambda: scene.link.state == "connected")
    assert closed.is_set()


async def test_samples_and_drops_are_counted_and_passed_on() -> None:
    held: list[Context] = []

    async def run(run_context: Context) -> None:
        held.append(run_context)
        await forever(run_context)

    async with supervised(run) as scene:
        await until(lambda: held)
        start = scene.clock.now
        for second in range(20):
            scene.clock.now = start + second * 1_000_000
            held[0].sink.batch(batch(scene.clock, rows=3))
        held[0].sink.lost(5, "queue overflow")
        scene.clock.now += 1_000_000
        assert scene.link.samples == 20 * 6
        assert scene.link.dropped == 5
        assert scene.link.rate_in(scene.clock.now) == 6.0
        assert scene.link.rate_in(scene.clock.now + 60_000_000) == 0.0
        assert len(scene.sink.batches) == 20
        assert scene.sink.losses == [(5, "queue overflow")]


def test_the_rate_of_a_slow_source_does_not_jump() -> None:
    link = Link()
    rates: set[float] = set()
    for second in range(60):
        if second % 5 == 0:
            link.count(10, second * 1_000_000)
        if second > 20:
            rates.add(link.rate_in(second * 1_000_000))
    assert rates == {2.0}


@pytest.mark.parametrize(("period_s", "limit_s"), [(0.1, 3.0), (1.0, 3.0), (10.0, 25.0)])
async def test_a_silent_link_counts_as_stale_after_its_limit(period_s: float, limit_s: float) -> None:
    held: list[Context] = []

    async def run(run_context: Context) -> None:
        held.append(run_context)
        run_context.sink.connected("none")
        run_context.sink.period(np.array([2], np.int32), period_s)
        run_context.sink.period(np.array([1], np.int32), period_s * 3)
        await asyncio.Event().wait()

    async with supervised(run) as scene:
        await until(lambda: scene.link.state == "connected")
        proven = scene.clock.now
        at_limit = proven + round(limit_s * 1e6)
        assert scene.link.state_at(at_limit) == "connected"
        assert scene.link.state_at(at_limit + 1) == "stale"
        assert scene.link.age_s(at_limit) == limit_s
        scene.clock.now = at_limit + 1
        held[0].sink.alive(np.array([], np.int32))
        assert scene.link.state_at(scene.clock.now) == "connected"


async def test_a_source_that_never_connected_has_no_age() -> None:
    assert Link().age_s(5) is None
    assert Link().state_at(10**15) == "connecting"

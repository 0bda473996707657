import asyncio
import logging

import numpy as np
import pytest

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.link import Link
from engine.types import Status
from tests.engine.drivers.recording import FakeClock, until
from tests.engine.drivers.supervised import batch, forever, supervised


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


async def test_a_driver_whose_question_is_broken_off_is_started_again_and_says_so() -> None:
    tries = 0

    async def run(_: Context) -> None:
        nonlocal tries
        tries += 1
        asked = asyncio.get_running_loop().create_future()
        asked.cancel()  # so libraries end what waits for an answer when the link goes
        await asked

    async with supervised(run, FakeClock()) as scene:
        await until(lambda: tries >= 2)
        assert "in the middle of a question" in scene.link.last_error


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

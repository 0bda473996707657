import random

from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.supervisor import back_off_s
from tests.engine.drivers.recording import FakeClock, until
from tests.engine.drivers.supervised import forever, supervised


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

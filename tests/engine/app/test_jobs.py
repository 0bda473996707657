"""Jobs: begun, looked after, cancelled, forgotten."""

import threading
from collections.abc import Callable, Iterator

import msgspec
import pytest

from engine.app.jobs import ASKED_S, KEPT_S, MOST_AT_WORK, MOST_KEPT, Jobs, Work
from engine.clock import SystemClock
from engine.historian.reading import Cancelled, Watch
from engine.server import RequestRefused
from engine.typed import unpack
from engine.wire import JobState, encode

NOTHING = encode({})


class Steps:
    """A kind of job that goes on when it is told to."""

    def __init__(self) -> None:
        self.next, self.seen = threading.Semaphore(0), list[float]()

    def make(self, body: msgspec.Raw) -> Work:
        steps = unpack(body, dict[str, int]).get("steps", 3)

        def work(watch: Watch) -> object:
            for k in range(steps):
                assert self.next.acquire(timeout=5)
                if not watch((k + 1) / steps):
                    raise Cancelled("by the one who asked")
            return {"steps": steps}

        return work


class Told:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.mono = 0.0

    def mono_us(self) -> int:
        return int(self.mono * 1e6)

    def now_us(self) -> int:
        return self.mono_us()

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def _fails(text: str, error: type[Exception]) -> Callable[[msgspec.Raw], Work]:
    def work(watch: Watch) -> object:
        raise error(text)

    return lambda body: work


def _numbered(body: msgspec.Raw) -> Work:
    wanted = unpack(body, dict[str, int])
    return lambda watch: wanted


@pytest.fixture
def clock() -> Told:
    return Told()


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def jobs(clock: Told, steps: Steps) -> Iterator[Jobs]:
    kinds = {
        "steps": steps.make,
        "full": _fails("the disk is full", OSError),
        "broken": _fails("index", IndexError),
        "numbered": _numbered,
    }
    made = Jobs(kinds, clock, (OSError,))
    yield made
    steps.next.release(1000)
    made.close()


def until(jobs: Jobs, job: int, fact: Callable[[JobState], bool]) -> JobState:
    wall, tick = SystemClock(), threading.Event()
    deadline = wall.mono_us() + 5e6
    while not fact(state := jobs.state(job)):
        assert wall.mono_us() < deadline, state
        tick.wait(0.002)
    return state


def done(state: JobState) -> bool:
    return state.done


def test_job_tells_how_far_it_is_and_then_its_result(jobs: Jobs, steps: Steps) -> None:
    begun = jobs.start("steps", NOTHING)
    assert not begun.done
    steps.next.release()
    assert until(jobs, begun.job, lambda state: state.progress > 0).progress == pytest.approx(1 / 3)
    steps.next.release(2)
    state = until(jobs, begun.job, done)
    assert (state.progress, state.error) == (1.0, "")
    assert msgspec.msgpack.decode(state.result) == {"steps": 3}


def test_cancelled_job_stops_and_says_so(jobs: Jobs, steps: Steps) -> None:
    job = jobs.start("steps", NOTHING).job
    steps.next.release()
    until(jobs, job, lambda state: state.progress > 0)
    jobs.cancel(job)
    steps.next.release()
    state = until(jobs, job, done)
    assert state.error == "cancelled"
    assert state.progress < 1
    assert jobs.cancel(job) == state


def test_job_cancelled_before_its_turn_never_begins(jobs: Jobs, steps: Steps) -> None:
    first = [jobs.start("steps", NOTHING).job for _ in range(2)]
    waiting = jobs.start("steps", NOTHING).job
    for job in first:
        assert not jobs.state(job).done
    assert jobs.cancel(waiting).done
    assert jobs.state(waiting).error == "cancelled"


def test_failure_for_a_person_is_told_in_its_own_words_and_any_other_logged(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    assert until(jobs, jobs.start("full", NOTHING).job, done).error == "the disk is full"
    assert caplog.records == []
    state = until(jobs, jobs.start("broken", NOTHING).job, done)
    assert "engine.log" in state.error
    assert len(caplog.records) == 1


def test_what_is_no_job_is_refused(jobs: Jobs) -> None:
    with pytest.raises(RequestRefused, match="does not know the job 'dig'"):
        jobs.start("dig", NOTHING)
    with pytest.raises(msgspec.ValidationError):
        jobs.start("numbered", encode({"a": "b"}))
    for ask in (jobs.state, jobs.cancel):
        with pytest.raises(RequestRefused, match="no job 99 any more"):
            ask(99)


def test_one_job_too_many_is_refused_until_another_is_done(jobs: Jobs, steps: Steps) -> None:
    some = [jobs.start("steps", NOTHING).job for _ in range(MOST_AT_WORK)]
    with pytest.raises(RequestRefused, match="at work already"):
        jobs.start("steps", NOTHING)
    steps.next.release(3 * MOST_AT_WORK)
    for job in some:
        until(jobs, job, done)
    assert not jobs.start("steps", NOTHING).done


def test_result_is_kept_for_ten_minutes(jobs: Jobs, clock: Told) -> None:
    job = jobs.start("numbered", encode({"a": 1})).job
    until(jobs, job, done)
    clock.mono = KEPT_S
    assert jobs.state(job).done
    clock.mono = KEPT_S + 1
    with pytest.raises(RequestRefused):
        jobs.state(job)


def test_newest_results_are_kept(jobs: Jobs, clock: Told) -> None:
    some: list[int] = []
    for k in range(MOST_KEPT + 5):
        clock.mono = float(k)
        some.append(jobs.start("numbered", encode({"k": k})).job)
        until(jobs, some[-1], done)
    with pytest.raises(RequestRefused):
        jobs.state(some[4])
    for k, job in enumerate(some[5:], 5):
        assert msgspec.msgpack.decode(jobs.state(job).result) == {"k": k}


def test_job_that_nobody_asks_about_is_stopped(jobs: Jobs, steps: Steps, clock: Told) -> None:
    job = jobs.start("steps", NOTHING).job
    steps.next.release()
    until(jobs, job, lambda state: state.progress > 0)
    clock.mono = ASKED_S + 1
    steps.next.release()
    state = until(jobs, job, done)
    assert "nobody asked" in state.error


def test_jobs_end_with_the_engine(clock: Told, steps: Steps) -> None:
    jobs = Jobs({"steps": steps.make}, clock)
    running = [jobs.start("steps", NOTHING).job for _ in range(3)]
    closing = threading.Thread(target=jobs.close)
    closing.start()
    while closing.is_alive():
        steps.next.release()
        closing.join(0.01)
    assert [jobs.state(job).error for job in running] == ["the engine stops"] * 3

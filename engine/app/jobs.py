"""Long work that clients start, look after and cancel: exports, searches, statistics.

Overload: refuse. Four jobs at most are not done yet; a job that nobody asks about any more is
stopped, for the client that wanted it has gone.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec

from engine.historian.reading import Cancelled, Watch
from engine.server import RequestRefused
from engine.types import Clock
from engine.wire import JobState, encode

log = logging.getLogger("watchroom.jobs")
THREADS = 2
MOST_AT_WORK = 4
MOST_KEPT = 20
KEPT_S = 600.0
ASKED_S = 60.0
"""A job whose state nobody asked for in this time is stopped."""
CANCELLED = "cancelled"
FORGOTTEN = "stopped, because nobody asked for it any more"
STOPPING = "the engine stops"

Work = Callable[[Watch], object]
Kind = Callable[[msgspec.Raw], Work]
"""Makes of a request's body the work to do in a thread; what it returns is the result.

Raises:
    RequestRefused, msgspec.ValidationError: this cannot be done; nothing was started.
"""


@dataclass(slots=True, eq=False)
class _Job:
    state: JobState
    asked_us: int
    done_us: int | None = None
    why: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    begun: Future[None] | None = None


class Jobs:
    """All jobs of the engine. ``start``, ``state``, ``cancel`` in the loop's thread.

    ``kinds`` = the work by name; ``refusals`` = the failures of it whose text is for a person.
    """

    def __init__(
        self, kinds: Mapping[str, Kind], clock: Clock, refusals: tuple[type[Exception], ...] = ()
    ) -> None:
        self._kinds, self._clock = kinds, clock
        self._refusals = (RequestRefused, *refusals)
        self._pool = ThreadPoolExecutor(THREADS, "job")
        self._jobs: dict[int, _Job] = {}

    def start(self, kind: str, body: msgspec.Raw) -> JobState:
        """Begin a job.

        Raises:
            RequestRefused: there is no such kind, it cannot be done, or too many are at work.
            msgspec.ValidationError: the body is none of this kind.
        """
        make = self._kinds.get(kind)
        if make is None:
            raise RequestRefused(f"this engine does not know the job {kind!r}")
        work = make(body)
        self._forget()
        if sum(job.done_us is None for job in self._jobs.values()) >= MOST_AT_WORK:
            raise RequestRefused(f"{MOST_AT_WORK} jobs are at work already; wait for one or cancel one")
        # No number that another client could guess: whoever knows it may look at the job and stop it.
        number = secrets.randbits(52)
        job = self._jobs[number] = _Job(JobState(number), self._clock.mono_us())
        job.begun = self._pool.submit(self._run, job, work)
        return job.state

    def state(self, job_id: int) -> JobState:
        """How far a job is, or what became of it; kept for 10 minutes after it is done.

        Raises:
            RequestRefused: there is no such job any more.
        """
        self._forget()
        job = self._wanted(job_id)
        job.asked_us = self._clock.mono_us()
        return job.state

    def cancel(self, job_id: int) -> JobState:
        """Stop a job; its state says when it has ended. Nothing happens to one that is done.

        Raises:
            RequestRefused: there is no such job any more.
        """
        job = self._wanted(job_id)
        self._stop(job, CANCELLED)
        return job.state

    def close(self) -> None:
        """Stop all jobs and wait for them."""
        for job in self._jobs.values():
            self._stop(job, STOPPING)
        self._pool.shutdown()

    def _wanted(self, job_id: int) -> _Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise RequestRefused(f"there is no job {job_id} any more; results are kept for 10 minutes")
        return job

    def _forget(self) -> None:
        """Let go of results that are old or too many, and stop what nobody asked for."""
        now_us = self._clock.mono_us()
        for job in self._jobs.values():
            if now_us - job.asked_us > ASKED_S * 1e6:
                self._stop(job, FORGOTTEN)
        done = [(job.done_us, job_id) for job_id, job in self._jobs.items() if job.done_us is not None]
        for place, (done_us, job_id) in enumerate(sorted(done, reverse=True)):
            if place >= MOST_KEPT or now_us - done_us > KEPT_S * 1e6:
                del self._jobs[job_id]

    def _run(self, job: _Job, work: Work) -> None:
        job_id = job.state.job

        def watch(progress: float) -> bool:
            if self._clock.mono_us() - job.asked_us > ASKED_S * 1e6:
                self._stop(job, FORGOTTEN)
            job.state = JobState(job_id, min(max(progress, job.state.progress), 1.0))
            return not job.stop.is_set()

        state = JobState(job_id, error=CANCELLED, done=True)
        try:
            if not watch(0.0):
                raise Cancelled
            state = JobState(job_id, 1.0, done=True, result=encode(work(watch)))
        except Cancelled:
            state = JobState(job_id, job.state.progress, done=True, error=job.why or CANCELLED)
        except self._refusals as error:
            state = JobState(job_id, job.state.progress, done=True, error=str(error))
        except Exception:
            log.exception("job %d failed", job_id)
            why = "the engine could not do it; see data/log/engine.log"
            state = JobState(job_id, job.state.progress, done=True, error=why)
        finally:
            job.done_us, job.state = self._clock.mono_us(), state

    def _stop(self, job: _Job, why: str) -> None:
        if job.stop.is_set():
            return
        job.why = why
        job.stop.set()
        if job.begun is not None and job.begun.cancel():  # it was still waiting for a thread
            job.done_us, job.state = self._clock.mono_us(), JobState(job.state.job, error=why, done=True)

"""The answers to clients' requests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.app.alarm_answers import alarm_answers, limits_of
from engine.app.clock_answers import clock_answers
from engine.app.foresight_answers import foresight_answers, foresight_kinds
from engine.app.hands import Hands
from engine.app.horn import horn_answers
from engine.app.jobs import Kind
from engine.app.login_answers import login_answers, release_login
from engine.app.model_wiring import model_answers_of, model_kinds_of
from engine.app.pki import certificates
from engine.app.pki import distrust as distrust_certificate
from engine.app.pki import trust as trust_certificate
from engine.app.plant import Running
from engine.app.scene_answers import scene_of
from engine.app.source import source_detail, source_status
from engine.drivers.driver import Context, Driver, NotReady, Refused
from engine.drivers.link import Link
from engine.server import SESSION, Answer, RequestRefused
from engine.typed import unpack
from engine.types import SEVERITY_MASK, Certificate, EngineStatus, SourceDetail
from engine.wire import BrowseAnswer, BrowseBody, PlantAnswer, SourceBody, StatusAnswer, TrustBody

BROWSE_S = 20.0


def answers(running: Running, stop: asyncio.Event, hands: Hands | None = None) -> Mapping[str, Answer]:
    """The coroutine that answers each op, behind the guard of ``hands``."""

    async def plant(_: msgspec.Raw) -> PlantAnswer:
        shown = msgspec.structs.replace(running.project, tags=tuple(running.tags))
        return PlantAnswer(shown, running.revision)

    async def status(_: msgspec.Raw) -> StatusAnswer:
        quality = running.table.quality()
        sources = tuple(source_status(running, quality, *each) for each in running.sources)
        engine = _engine(running, quality & np.uint32(SEVERITY_MASK))
        alarms = running.alarms.worst()
        history = running.past.status if running.past is not None else None
        figures = running.kpis.figures()
        return StatusAnswer(engine, sources, running.revision, alarms, figures, history)

    async def browse(body: msgspec.Raw) -> BrowseAnswer:
        wanted = unpack(body, BrowseBody)
        context, driver, _link = _wanted(running, wanted.source)
        return await browse_device(context, driver, wanted.node)

    async def halt(_: msgspec.Raw) -> bool:
        stop.set()
        return True

    async def retry(body: msgspec.Raw) -> bool:
        await release_login(running, hands, body)
        for _context, _driver, link in running.sources:
            link.retry_now()
        return True

    known = {"plant": plant, "status": status, "browse": browse, "stop": halt, "retry": retry}
    past: Mapping[str, Answer] = (
        {}
        if running.past is None
        else running.past.answers(
            running.tags,
            running.note,
            lambda: running.project,
            lambda queries: {**limits_of(running, queries), **scene_of(running, queries)},
            running.scribe,
            {} if hands is None else _kinds(running, hands),
        )
    )
    horns = horn_answers(running.horns, lambda: running.journal)
    known = known | dict(clock_answers(running))
    known |= {**_foresight_answers(running), **model_answers_of(running)}
    known |= login_answers(running, hands)
    found = known | _of_one_source(running, hands) | dict(alarm_answers(running)) | dict(horns) | dict(past)
    return found if hands is None else hands.guarded(found | dict(hands.answers()))


def _foresight_answers(running: Running) -> Mapping[str, Answer]:
    if running.foresight is None:
        return {}
    return foresight_answers(running.foresight, running.tags, lambda: running.project.limits)


def _kinds(running: Running, hands: Hands) -> Mapping[str, Kind]:
    """The long work about control and about what is foreseen."""
    known = {**hands.kinds(), **model_kinds_of(running)}
    if running.foresight is not None:
        known |= foresight_kinds(running.foresight, running.tags)
    return known


def _of_one_source(running: Running, hands: Hands | None) -> dict[str, Answer]:
    """The ops of a source's own page. Certificates are files, so they are read off the loop."""

    async def source(body: msgspec.Raw) -> SourceDetail:
        wanted = unpack(body, SourceBody)
        context, driver, link = _wanted(running, wanted.source)
        shown = await asyncio.to_thread(certificates, context.pki, context.source)
        detail = source_detail(running, shown, context, driver, link)
        unsecured = "" if hands is None else hands.control.unsecured.state(wanted.source)
        login = None if running.logins is None else running.logins.of(context.source)
        return msgspec.structs.replace(detail, unsecured=unsecured, login=login)

    async def trust(body: msgspec.Raw) -> Certificate:
        wanted = unpack(body, TrustBody)
        context, _driver, link = _wanted(running, wanted.source)
        by = _who(hands)
        trusted = await asyncio.to_thread(trust_certificate, context.pki, context.source, wanted.thumbprint)
        _journal(running, "certificate_trusted", context, trusted, by)
        link.retry_now()
        return trusted

    async def distrust(body: msgspec.Raw) -> Certificate:
        wanted = unpack(body, TrustBody)
        context, _driver, _link = _wanted(running, wanted.source)
        by = _who(hands)
        rejected = await asyncio.to_thread(
            distrust_certificate, context.pki, context.source, wanted.thumbprint
        )
        _journal(running, "certificate_distrusted", context, rejected, by)
        running.restart[context.source.id].set()  # an open connection rests on what is trusted no more
        return rejected

    return {"source": source, "trust": trust, "distrust": distrust}


def _wanted(running: Running, source_id: str) -> tuple[Context, Driver, Link]:
    for each in running.sources:
        if each[0].source.id == source_id:
            return each
    raise RequestRefused(f"there is no source {source_id!r} in this project")


def _who(hands: Hands | None) -> dict[str, str]:
    """Who asks, for the record; nothing while nobody logs in here."""
    session = None if hands is None else hands.security.session_of(SESSION.get())
    return {} if session is None else {"by": session.full_name}


def _journal(
    running: Running, name: str, context: Context, certificate: Certificate, by: Mapping[str, str]
) -> None:
    if running.journal is not None:
        body = {"thumbprint": certificate.thumbprint, "subject": certificate.subject, **by}
        running.journal.append(running.clock.now_us(), name, {"source": context.source.id, **body})


async def browse_device(context: Context, driver: Driver, node: str) -> BrowseAnswer:
    """Browse a device over a connection of its own.

    Raises:
        RequestRefused: it cannot be reached, says no, or has nothing to browse.
    """
    try:
        async with asyncio.timeout(BROWSE_S):
            return BrowseAnswer(tuple(await driver.browse(context, node)))
    except TimeoutError:
        raise RequestRefused(f"{context.source.endpoint} did not answer within {BROWSE_S:.0f} s") from None
    except (NotReady, Refused) as error:
        raise RequestRefused(str(error)) from error


def _engine(running: Running, severity: NDArray[np.uint32]) -> EngineStatus:
    good, bad = int((severity == 0).sum()), int((severity >= 0x80000000).sum())
    rate_in, rate_kept = running.counters.rates()
    return EngineStatus(
        pid=os.getpid(),
        version=paths.version(),
        uptime_s=round((running.clock.mono_us() - running.started_mono_us) / 1e6, 1),
        tags=len(severity),
        good=good,
        uncertain=len(severity) - good - bad,
        bad=bad,
        rate_in=round(rate_in, 2),
        rate_filtered=round(rate_kept, 2),
        dropped=running.counters.dropped,
        lag_ms_p99=running.counters.lag_ms_p99(),
        rss_mb=round(running.process.memory_info().rss / 1e6, 1),
        cpu_pct=running.cpu_pct,
        late=running.counters.late,
        duplicates=running.counters.duplicates,
        trouble=running.journal.trouble if running.journal is not None else "",
    )

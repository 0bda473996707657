"""The history of the running project: its writer, its reader, its roll-ups, in one hand."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine import paths
from engine.app.alarm_journal_answers import AskedAlarms, alarm_job_kinds, alarm_journal_answers, alarms_at
from engine.app.alarm_trial import trial
from engine.app.history_answers import REFUSALS, Asked, history_answers, job_kinds
from engine.app.housekeeping import Housekeeping
from engine.app.jobs import Jobs, Kind
from engine.app.ledger import Scribe
from engine.app.ledger_answers import ledger_answers, ledger_kinds
from engine.app.queries import Queries
from engine.historian import Historian, Rollups, StoredHistory, is_fast
from engine.historian.rollups import oldest_in
from engine.historian.scores import named_alike, scores
from engine.live import Texts
from engine.server import Answer, RequestRefused
from engine.store import Journal, StoreError
from engine.store.alarm_journal import AlarmJournal
from engine.store.annotation_file import AnnotationFile
from engine.types import Clock, HistoryStatus, Limit, Project, Tag
from engine.wire import ScoresAnswer

log = logging.getLogger("watchroom.history")
ROLL_S = 5.0
REST_S = 0.06
"""Between two portions of some 20 ms that thread rests: others come first."""
SCORED_US, LEAST_SCORED_US = 3_600_000_000, 2_000_000


class Past:
    """Opened before the sources start, closed after they ended. ``close`` may take seconds.

    Raises:
        StoreError: the files of the history cannot be used.
    """

    def __init__(self, folder: Path, project: Project, clock: Clock, texts: Texts) -> None:
        self._project, self._clock = project, clock
        self.notes = AnnotationFile(paths.data(folder) / "annotations.db")
        place = paths.history(folder)
        self.historian = Historian(
            place,
            project.tags,
            clock,
            failed=lambda text: log.critical("%s", text),
            healed=lambda text: log.warning("%s", text),
            texts=texts.text,
            limits=_limits(project.tags, project.limits),
            settings=project.plant.history,
        )
        texts.keep(self.historian.known_texts, self.historian.text)
        self.stored = StoredHistory(
            place,
            self.historian.tail,
            fast=[tag.tag_id for tag in project.tags if is_fast(tag)],
            text=texts.text,
            told=lambda text: log.error("%s", text),
        )
        rates = {tag.tag_id: tag.rate for tag in project.tags}
        self.rollups = Rollups(place, self.stored, rates, oldest_in(self.historian.tail))
        self.stored.use(self.rollups.rollup)
        self._house = Housekeeping(
            folder,
            project.plant,
            self.historian,
            self.stored,
            self.rollups,
            clock,
            self.historian.was_killed,
            project.alarm_settings,
        )
        self.historian.sealed.extend((self.rollups.sealed, self._house.sealed))
        self._queries = Queries()
        self._jobs: Jobs | None = None
        self.job_kinds: frozenset[str] = frozenset()
        """The kinds of long work there are, once `answers` was asked for."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._roll, name="roll-ups", daemon=True)

    def begin(self, journal: Journal) -> None:
        """Start what works behind; it tells the event journal of what it does."""
        self._house.begin(journal)
        self._thread.start()

    @property
    def status(self) -> HistoryStatus:
        """The history as people see it."""
        return self._house.status

    def answers(
        self,
        tags: Sequence[Tag],
        note: Callable[[str, dict[str, Any]], None],
        in_force: Callable[[], Project],
        listed: Callable[[Queries], Mapping[str, Answer]],
        scribe: Scribe | None = None,
        more: Mapping[str, Kind] = MappingProxyType({}),
    ) -> Mapping[str, Answer]:
        """The answers to questions about the past, and to others that must wait for the disk.

        ``tags`` in live order, as people see them; ``in_force`` = the project as it is now; ``listed`` = the
        answers about the list of alarms; ``scribe`` = who has the ledger;
        ``more`` = other kinds of long work.
        """

        def scored() -> ScoresAnswer:
            now_us, shown = self.historian.durable_us, tuple(tags)
            oldest_us = self.status.oldest_us
            begin_us = max(now_us - SCORED_US, now_us if oldest_us is None else oldest_us)
            if now_us - begin_us < LEAST_SCORED_US:
                raise RequestRefused("data quality is known after the first samples; ask again in a moment")
            return ScoresAnswer(*scores(self.stored, shown, begin_us, now_us, named_alike(shown)))

        alarms = AskedAlarms(
            AlarmJournal(paths.data(Path(self._project.folder)) / "journal.db"),
            self._clock,
            self.stored.gaps,
            lambda: in_force().alarm_settings,
            trial(self.stored, tags, lambda: in_force().limits),
        )
        asked = Asked(
            self.stored,
            tags,
            self.notes,
            self._clock,
            lambda: self.historian.durable_us,
            lambda time_us: alarms_at(alarms, time_us),
            scored,
            note,
        )
        on_record = dict(ledger_answers(scribe, self._queries)) if scribe is not None else {}
        kinds = dict(ledger_kinds(scribe)) if scribe is not None else {}
        if scribe is not None:
            self._house.duties.append(scribe.keeping.check)
        known = job_kinds(asked) | alarm_job_kinds(alarms) | kinds | dict(more)
        self.job_kinds = frozenset(known)
        self._jobs = Jobs(known, self._clock, (*REFUSALS, RequestRefused))
        return (
            history_answers(asked, self._queries, self._jobs)
            | alarm_journal_answers(alarms, self._queries)
            | dict(listed(self._queries))
            | on_record
        )

    def _roll(self) -> None:
        try:
            self.rollups.catch_up()
        except StoreError as error:
            log.error("%s", error)
        while not self._stop.wait(ROLL_S):
            try:
                self.rollups.work(lambda _: not self._stop.wait(REST_S))
            except Exception:  # the samples are safe; answers are made from them meanwhile
                log.exception("roll-ups could not be made")

    def close(self) -> None:
        """Make everything durable, end the threads, close the files."""
        self._stop.set()
        if self._jobs is not None:
            self._jobs.close()
        self._queries.close()
        self._house.close()
        if self._thread.is_alive():
            self._thread.join()
        self.historian.close()
        self.rollups.close()
        self.stored.close()
        self.notes.close()


def _limits(tags: Sequence[Tag], limits: Sequence[Limit]) -> dict[int, list[float]]:
    """The values that alarms compare with, by tag id: no thinning moves their crossings."""
    ids = {tag.path: tag.tag_id for tag in tags}
    found: dict[int, list[float]] = {}
    for each in limits:
        if each.limit is not None and each.path in ids:
            inward = each.deadband if each.kind in ("l", "ll") else -each.deadband
            found.setdefault(ids[each.path], []).extend((each.limit, each.limit + inward))
    return found

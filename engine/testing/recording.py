"""A sink that keeps what a driver reports, and holds every batch to the contract."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.tags import clean
from engine.types import SEVERITY_MASK, Batch, ConditionKey, ConditionReport, TagInfo


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one tag as it was reported."""

    value: float
    status: int
    source_us: int
    receive_us: int


@dataclass(slots=True, eq=False)
class Recording:
    """Everything one or more runs reported. ``faults`` are broken promises, in words.

    ``status`` is the latest of each tag, from samples and marks; ``proofs`` counts how often a tag was
    proven current, by a sample or a sign of life.
    """

    known: frozenset[int]
    samples: dict[int, list[Sample]] = field(default_factory=dict[int, list[Sample]])
    status: dict[int, int] = field(default_factory=dict[int, int])
    why: dict[int, str] = field(default_factory=dict[int, str])
    proofs: dict[int, int] = field(default_factory=dict[int, int])
    periods: dict[int, float] = field(default_factory=dict[int, float])
    infos: dict[int, TagInfo] = field(default_factory=dict[int, TagInfo])
    notes: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    facts: dict[str, str] = field(default_factory=dict[str, str])
    losses: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    links: list[str] = field(default_factory=list[str])
    faults: list[str] = field(default_factory=list[str])
    conditions_held: dict[ConditionKey, ConditionReport] = field(
        default_factory=dict[ConditionKey, ConditionReport]
    )
    conditions_current: bool = False
    reports: int = 0

    def good(self, tag: int) -> bool:
        """Whether the tag has a value and its latest quality is good."""
        return tag in self.samples and self.status[tag] & SEVERITY_MASK == 0

    def last(self, tag: int) -> float | None:
        """The latest value of a tag; None before the first."""
        return self.samples[tag][-1].value if tag in self.samples else None

    def batch(self, batch: Batch) -> None:
        """Keep the samples; they prove their tags."""
        self.reports += 1
        if not self.links:
            self.faults.append("a batch came before connected()")
        problem = misshapen(batch) or self._foreign(batch.tags)
        if problem:
            self.faults.append(problem)
            return
        self._keep(batch)

    def alive(self, tags: NDArray[np.int32]) -> None:
        """Count the proofs; without tags it is one of the link alone."""
        self._note_tags(tags)
        for tag in tags.tolist():
            self.proofs[tag] = self.proofs.get(tag, 0) + 1

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        """Keep the period of each tag."""
        self._note_tags(tags)
        if not seconds > 0:
            self.faults.append(f"period({seconds}): a period is a positive number of seconds")
        self.periods.update(dict.fromkeys(tags.tolist(), seconds))

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        """Keep the quality and the reason."""
        self._note_tags(tags)
        self.status.update(dict.fromkeys(tags.tolist(), int(status)))
        self.why.update(dict.fromkeys(tags.tolist(), why))

    def late(self, batch: Batch) -> None:
        """Check it; it says nothing about now."""
        self.reports += 1
        problem = misshapen(batch) or self._foreign(batch.tags)
        if problem:
            self.faults.append(f"late: {problem}")

    def describe(self, tag_id: int, info: TagInfo) -> None:
        """Keep what the device says of a tag."""
        self.reports += 1
        self.infos[tag_id] = info

    def connected(self, security: str) -> None:
        """Keep the security in words."""
        self.reports += 1
        if not security:
            self.faults.append('connected(""): say the policy, or "none" for an open link')
        self.links.append(security)

    def lost(self, samples: int, why: str, since_us: int = 0) -> None:
        """Keep how many and why."""
        self.reports += 1
        self.losses.append((samples, why))

    def note(self, about: str, what: str, do: str = "") -> None:
        """Keep it, or take it back."""
        self.reports += 1
        self.notes.pop(about, None)
        if what:
            self.notes[about] = (what, do)

    def fact(self, name: str, text: str) -> None:
        """Keep the newest text."""
        self.reports += 1
        self.facts[name] = text

    def clock_offset(self, seconds: float, error_s: float = 0.0) -> None:
        """Check that it is a number."""
        self.reports += 1
        if not (np.isfinite(seconds) and error_s >= 0):
            self.faults.append(f"clock_offset({seconds}, {error_s}): not a number of seconds")

    def condition(self, report: ConditionReport) -> None:
        """Keep it until the device has nothing more to say of it."""
        self.reports += 1
        if not report.id or not 1 <= report.priority <= 4:
            self.faults.append(f"condition {report.id!r} with priority {report.priority}: 1 to 4")
        self.conditions_held.pop(report.key, None)
        if report.retain:
            self.conditions_held[report.key] = report

    def conditions(self, known: frozenset[ConditionKey] | None) -> None:
        """Forget those that are gone."""
        self.reports += 1
        self.conditions_current = known is not None
        if known is not None:
            held = self.conditions_held
            self.conditions_held = {key: report for key, report in held.items() if key in known}

    def _keep(self, batch: Batch) -> None:
        batch = clean(batch)  # as the engine does it: what is no number is bad
        shape = batch.value.shape
        source_us, quality = _spread(batch.source_time_us, shape), np.broadcast_to(batch.quality, shape)
        for column, tag in enumerate(batch.tags.tolist()):
            new = [
                Sample(float(v), int(q), int(s), int(r))
                for v, q, s, r in zip(
                    batch.value[:, column],
                    quality[:, column],
                    source_us[:, column],
                    batch.receive_time_us,
                    strict=True,
                )
            ]
            if new:
                self.samples.setdefault(tag, []).extend(new)
                self.status[tag] = new[-1].status
                self.proofs[tag] = self.proofs.get(tag, 0) + 1

    def _note_tags(self, tags: NDArray[np.int32]) -> None:
        self.reports += 1
        foreign = self._foreign(tags)
        if foreign:
            self.faults.append(foreign)

    def _foreign(self, tags: NDArray[np.int32]) -> str:
        if tags.dtype != np.int32:
            return f"tags are int32, not {tags.dtype}"
        foreign = set(tags.tolist()) - self.known
        return f"tags {sorted(foreign)} are not of this source" if foreign else ""


def misshapen(batch: Batch) -> str:
    """How a batch breaks the shapes, types and order of ``engine.types.Batch``; "" if it does not."""
    rows, n = len(batch.receive_time_us), len(batch.tags)
    wanted: list[tuple[str, NDArray[np.generic], type, set[tuple[int, ...]]]] = [
        ("tags", batch.tags, np.int32, {(n,)}),
        ("source_time_us", batch.source_time_us, np.int64, {(rows,), (rows, n)}),
        ("receive_time_us", batch.receive_time_us, np.int64, {(rows,)}),
        ("value", batch.value, np.float64, {(rows, n)}),
        ("quality", batch.quality, np.uint32, {(n,), (rows, n)}),
    ]
    for name, array, kind, shapes in wanted:
        if array.dtype != kind:
            return f"{name} of a batch is {array.dtype}, not {np.dtype(kind)}"
        if array.shape not in shapes:
            return f"{name} of a batch has the shape {array.shape}, not one of {sorted(shapes)}"
    if len(set(batch.tags.tolist())) != n:
        return "a batch names a tag twice"
    if (np.diff(batch.receive_time_us) < 0).any():
        return "the rows of a batch are not in time order"
    return ""


def _spread(time_us: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """One time a row, or one a value, as one a value."""
    return np.broadcast_to(time_us[:, None] if time_us.ndim == 1 else time_us, shape)

"""What requests about history hold, and arrays on the wire."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.types import Alarm, Annotation, Gap, TagScore
from engine.wire.messages import WireError


class Array(msgspec.Struct, frozen=True):
    """An array on the wire: its bytes in C order, its numpy dtype and its shape."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


class CurvesBody(msgspec.Struct, frozen=True):
    """Body of ``curves``: tags by id over [start_us, end_us), at most two points a pixel each."""

    tags: tuple[int, ...]
    start_us: int
    end_us: int
    pixels: int


class CurveArrays(msgspec.Struct, frozen=True):
    """One ``engine.types.Curve``."""

    time_us: Array
    low: Array
    high: Array
    uncertain: Array


class CurvesAnswer(msgspec.Struct, frozen=True):
    """Answer to ``curves``, in the order asked. ``stored_us`` = all up to here is in the curves."""

    curves: tuple[CurveArrays, ...]
    stored_us: int


class InstantBody(msgspec.Struct, frozen=True):
    """Body of ``instant``: all live tags at a past instant."""

    time_us: int


class InstantAnswer(msgspec.Struct, frozen=True):
    """Answer to ``instant`` in live order: what `Instant` holds, texts by live position, and alarms.

    ``alarms`` = as in ``alarms_at``, with what that says of how far they are known.
    """

    time_us: Array
    value: Array
    quality: Array
    texts: dict[int, str] = {}
    alarms: tuple[Alarm, ...] = ()
    alarms_since_us: int = 0
    is_alarms_whole: bool = True


class SpanBody(msgspec.Struct, frozen=True):
    """Body of ``gaps`` and ``annotations``: a stretch of time, end excluded."""

    start_us: int
    end_us: int


class GapsAnswer(msgspec.Struct, frozen=True):
    """Answer to ``gaps``, oldest first."""

    gaps: tuple[Gap, ...]


class AnnotationsAnswer(msgspec.Struct, frozen=True):
    """Answer to ``annotations``, oldest first."""

    annotations: tuple[Annotation, ...]


class AnnotateBody(msgspec.Struct, frozen=True):
    """Body of ``annotate``, answered with the ``Annotation`` as stored."""

    start_us: int
    end_us: int
    tag: str
    author: str
    text: str


class AnnotationBody(msgspec.Struct, frozen=True):
    """Body of ``annotation_removed``, answered with True; the journal keeps what it said."""

    note_id: int
    author: str


class ExportBody(msgspec.Struct, frozen=True):
    """Body of the job ``export``: tags by id to a file; ``step_us`` 0 = every stored sample."""

    tags: tuple[int, ...]
    start_us: int
    end_us: int
    file: str
    format: str
    step_us: int = 0


class SimilarBody(msgspec.Struct, frozen=True):
    """Body of the job ``similar``: where a stretch of a tag happened before, best first."""

    tag: int
    start_us: int
    end_us: int
    search_start_us: int
    search_end_us: int
    most: int = 10


class Match(msgspec.Struct, frozen=True):
    """One place found by ``similar``. ``likeness`` 0 to 1; 1 = the same shape."""

    start_us: int
    end_us: int
    likeness: float


class SimilarAnswer(msgspec.Struct, frozen=True):
    """Result of the job ``similar``."""

    matches: tuple[Match, ...]


class StatisticsBody(msgspec.Struct, frozen=True):
    """Body of the job ``statistics``."""

    tags: tuple[int, ...]
    start_us: int
    end_us: int


class Statistics(msgspec.Struct, frozen=True):
    """One tag over a stretch: mean and deviation are weighted by time over the good part.

    ``good`` = that part, 0 to 1. The figures are None where nothing was good.
    """

    low: float | None
    high: float | None
    mean: float | None
    deviation: float | None
    samples: int
    good: float


class StatisticsAnswer(msgspec.Struct, frozen=True):
    """Result of the job ``statistics``, in the order asked."""

    statistics: tuple[Statistics, ...]


class JobBody(msgspec.Struct, frozen=True):
    """Body of ``job``: start long work (export, similar, statistics), answered with ``JobState``."""

    kind: str
    body: msgspec.Raw


class JobAskBody(msgspec.Struct, frozen=True):
    """Body of ``job_state`` and ``job_cancel``, both answered with ``JobState``."""

    job: int


class JobState(msgspec.Struct, frozen=True):
    """Long work: ``progress`` 0 to 1; once ``done`` there is a result, or the ``error`` in words."""

    job: int
    progress: float = 0.0
    done: bool = False
    error: str = ""
    result: msgspec.Raw = msgspec.Raw(b"\xc0")


class ScoresAnswer(msgspec.Struct, frozen=True):
    """Answer to ``scores``: data quality over the last hour, worst first."""

    tags: tuple[TagScore, ...]
    devices: tuple[TagScore, ...]
    areas: tuple[TagScore, ...]


def array(values: NDArray[Any]) -> Array:
    """An array for the wire."""
    return Array(values.dtype.str, values.shape, np.ascontiguousarray(values).tobytes())


def from_array(found: Array) -> NDArray[Any]:
    """The array that came over the wire, read-only.

    Raises:
        WireError: the bytes do not fit its type and shape.
    """
    try:
        return np.frombuffer(found.data, np.dtype(found.dtype)).reshape(found.shape)
    except (TypeError, ValueError) as error:
        raise WireError(f"an array does not fit what it claims to be: {error}") from error

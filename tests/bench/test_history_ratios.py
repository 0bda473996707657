"""The history store against the usual alternatives, small and loose: about half of the published goals.

Both sides of each ratio run in turn on the same machine, so a busy one slows both. The figures
themselves come from ``python -m tests.bench history``.
"""

from __future__ import annotations

import numpy as np

from tests.bench.history import ingest, query, size
from tests.bench.rivals.duck import Duck
from tests.bench.rivals.rows import Rows
from tests.bench.rivals.wide import Wide
from tests.bench.signals import plant


def test_durable_ingest_is_many_times_that_of_rows() -> None:
    """G1, in commits of 50 frames on our side and on theirs: small payloads hide what one commit costs."""
    data = plant(500, 2000)
    ours = ingest.in_folder(lambda folder: ingest.ours(data, 50, folder))
    rows = ingest.in_folder(lambda folder: ingest.rows(data.part(200), 50, folder))
    ratios = [ours() / rows() for _ in range(3)]
    assert np.median(ratios) >= 3, ratios


def test_samples_take_a_fraction_of_the_bytes_of_rows_and_of_other_column_stores() -> None:
    """G3: every side counts the bytes of its files, which no load changes."""
    data = plant(40, 8192)
    found = {name: value[0] for name, value in size.lossless(data).items()}
    ours = found["Watchroom, a day that is over"]
    assert ours * 7.5 <= found[Rows.name], found
    assert ours * 1.5 <= found[f"{Duck.name}, as they come"], found
    assert ours <= found[Wide.name], found


def test_a_day_of_one_tag_is_read_and_drawn_many_times_as_fast_as_from_rows() -> None:
    """G4: every value is compared with what was stored, before anything is measured."""
    raw, drawn = query.compare(2, 43_200, 3, influx=False)
    assert raw[Rows.name] >= 12, raw
    assert drawn[Rows.name] >= 8, drawn

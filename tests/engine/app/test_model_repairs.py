"""Work on an asset, as the ledger knows it, in what a plant's own training learns from."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from engine.app.model_plan import plan_of
from engine.app.model_repairs import Work, repairs_of, works_in
from engine.app.model_train import write_tables
from engine.prediction.features import spec_of
from engine.prediction.train_fleet import read_tables
from engine.prediction.train_rows import parts_of, rows_of
from engine.server import RequestRefused
from tests.engine.app.handled import site
from tests.engine.app.test_control_lost import LINE, PRESS, worked
from tests.engine.app.test_model_train import DAY_US, END_US, FANS, HOUR_US, START_US, Hall

BEGUN, ENDED = START_US + 20 * DAY_US, START_US + 23 * DAY_US
WORKS = (Work(f"{FANS[2]}/Motor", BEGUN, ENDED), Work("Hall 2", BEGUN, ENDED))
"""Three days at a part of the third fan, and elsewhere."""


async def test_the_ledger_tells_when_people_worked_where(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await worked(made)
        file, now_us = made.scribe.file, made.clock.now_us()
        done = {each.asset: each for each in await asyncio.to_thread(works_in, file, now_us + HOUR_US)}
    assert set(done) == {PRESS, LINE}
    assert done[PRESS].until_us == now_us + HOUR_US, "its work tag is still on"
    assert 0 < done[LINE].since_us < done[LINE].until_us <= now_us


def test_a_ledger_that_cannot_be_read_is_refused_and_none_at_all_knows_of_no_work(tmp_path: Path) -> None:
    assert works_in(tmp_path / "ledger.db", 0) == ()
    (tmp_path / "ledger.db").write_bytes(b"no ledger" * 1000)
    with pytest.raises(RequestRefused, match="nobody knows where work was done"):
        works_in(tmp_path / "ledger.db", 0)


@pytest.mark.parametrize(
    ("asset", "is_meant"),
    [("", True), ("Hall", True), ("Hall/Fan 3", True), ("Hall/Fan 3/Motor", True), ("Hall/Fan 30", False)],
)
def test_work_is_on_the_asset_a_part_of_it_or_what_it_belongs_to(asset: str, is_meant: bool) -> None:
    works = (Work(asset, BEGUN, ENDED),)
    spans = list(repairs_of("Hall/Fan 3", works, 48.0))
    assert bool(spans) is is_meant
    if spans:
        assert spans[0] == (BEGUN - 48 * HOUR_US + 1, BEGUN) and spans[-1][1] == ENDED
        assert all(a[1] == b[0] for a, b in zip(spans, spans[1:], strict=False))
        assert all(0 < until - since < 48 * HOUR_US for since, until in spans)


def test_hours_before_and_during_work_teach_nothing(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    asked = replace(hall.asked, works=lambda: WORKS)
    card = hall.bound.model.card
    write_tables(tmp_path, asked, hall.bound, (START_US, END_US), hall.failures, lambda _: True)
    plan = plan_of(card, len(FANS), START_US, END_US, "Hall 3", "A. Engineer")
    fleet = read_tables(tmp_path, plan.layout())
    assert [len(each.repaired_us) > 0 for each in fleet.assets] == [at == 2 for at in range(len(FANS))]
    rows = rows_of(fleet, spec_of(card), card.features)
    hours = max(card.horizon_h)
    fan = rows.asset == 2
    inside = fan & (rows.known_us > BEGUN - 48 * HOUR_US) & (rows.known_us < ENDED)
    followed = rows.label(hours)
    assert inside.any() and not (rows.is_known(hours) & ~followed)[inside & (rows.left_h > 96)].any()
    after = fan & (rows.known_us >= ENDED) & (rows.known_us < END_US - 49 * HOUR_US)
    assert rows.is_known(hours)[after].all() and parts_of(rows, plan.split, hours)["train"][inside].all()

"""Warnings: one at a time, right or wrong by what came, kept over a restart and a disk that refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.prediction.episodes import Episodes, Refused, Says
from engine.prediction.prediction_file import PredictionFile
from engine.store import StoreError
from engine.types import Episode, Tier

HOUR_US = 3_600_000_000


@pytest.fixture
def file(tmp_path: Path) -> Iterator[PredictionFile]:
    opened = PredictionFile(tmp_path / "prediction.db")
    yield opened
    opened.close()


def step(
    warnings: Episodes, hour: float, tier: Tier, p: float | None = 0.5, asset: str = "P1"
) -> list[Episode]:
    return warnings.step(round(hour * HOUR_US), "m", "1", 48.0, [Says(asset, tier, p)], 3600.0)


def test_one_warning_from_watch_to_act_to_the_failure_is_one_episode(file: PredictionFile) -> None:
    warnings = Episodes(file)
    step(warnings, 1, "")
    step(warnings, 2, "watch", 0.3)
    step(warnings, 10, "act", 0.9)
    step(warnings, 11, "watch", 0.4)
    (told,) = warnings.failed("P1", 30 * HOUR_US)
    assert (told.outcome, told.begun_us, told.act_us, told.peak) == ("right", 2 * HOUR_US, 10 * HOUR_US, 0.9)
    watch, act = warnings.rates("m", "1", "P1")
    assert (watch.right, watch.missed, watch.lead_h) == (1, 0, 28.0)
    assert (act.right, act.missed, act.lead_h) == (1, 0, 20.0)
    assert len(warnings.newest()) == 1


def test_a_warning_that_nothing_follows_is_wrong_and_the_next_one_may_begin(file: PredictionFile) -> None:
    warnings = Episodes(file)
    step(warnings, 0, "watch")
    for hour in range(1, 49):
        assert len(warnings.newest()) == 1
        step(warnings, hour, "watch" if hour % 2 else "")
    step(warnings, 49, "watch")
    newer, older = warnings.newest()
    assert (older.outcome, newer.outcome, newer.begun_us) == ("wrong", "open", 49 * HOUR_US)
    watch, act = warnings.rates("m", "1")
    assert (watch.wrong, watch.open, act.wrong, act.open) == (1, 1, 0, 0)


def test_a_failure_without_a_warning_is_missed_once_however_often_it_is_told(file: PredictionFile) -> None:
    warnings = Episodes(file)
    step(warnings, 1, "")
    step(warnings, 1, "watch", asset="P2")
    for _ in range(2):
        warnings.failed("P1", 5 * HOUR_US)
        warnings.failed("P2", 5 * HOUR_US)
    watch, act = warnings.rates("m", "1")
    assert (watch.missed, act.missed, watch.right) == (1, 2, 1)
    warnings.failed("P1", 400 * HOUR_US)
    assert warnings.rates("m", "1")[0].missed == 1  # nobody watched it then


def test_the_truth_beats_a_verdict_but_a_verdict_needs_a_reason(file: PredictionFile) -> None:
    warnings = Episodes(file)
    (begun,) = step(warnings, 1, "watch")
    with pytest.raises(Refused, match="say why warning 1 of P1"):
        warnings.verdict(begun.id, False, "ann", " ")
    with pytest.raises(Refused, match="there is no warning 7"):
        warnings.verdict(7, True, "ann", "x")
    assert warnings.verdict(begun.id, False, "ann", "bearing is new").outcome == "dismissed"
    assert warnings.rates("m", "1")[0].wrong == 1
    assert step(warnings, 2, "watch") == []  # the same warning does not come again
    (told,) = warnings.failed("P1", 20 * HOUR_US)
    assert (told.outcome, told.by, told.reason) == ("right", "ann", "bearing is new")
    with pytest.raises(Refused, match="it was right, whatever is said"):
        warnings.verdict(begun.id, False, "ann", "no")


def test_a_dismissed_watch_that_becomes_act_is_a_new_warning(file: PredictionFile) -> None:
    warnings = Episodes(file)
    (begun,) = step(warnings, 1, "watch")
    warnings.verdict(begun.id, False, "ann", "nothing heard")
    (again,) = step(warnings, 2, "act")
    assert again.id != begun.id and again.act_us == 2 * HOUR_US


def test_work_on_an_asset_makes_its_warning_unclear_and_counts_for_nothing(file: PredictionFile) -> None:
    warnings = Episodes(file)
    step(warnings, 1, "act")
    warnings.repaired("P1", 3 * HOUR_US, "bob", "order 17: bearing replaced")
    watch, act = warnings.rates("m", "1")
    assert (watch.right, watch.wrong, watch.open, act.right, act.wrong) == (0, 0, 0, 0, 0)


def test_a_restart_goes_on_with_the_warning_and_its_record(tmp_path: Path, file: PredictionFile) -> None:
    warnings = Episodes(file)
    step(warnings, 1, "watch")
    step(warnings, 60, "watch")
    before, rates = warnings.newest(), warnings.rates("m", "1")
    file.close()
    again = PredictionFile(tmp_path / "prediction.db")
    warnings = Episodes(again)
    warnings.watch("m", "1", 48.0)
    assert warnings.newest() == before and warnings.rates("m", "1") == rates
    assert step(warnings, 61, "watch") == []
    assert warnings.running("m", "1", "P1").id == 2
    again.close()


def test_a_disk_that_refuses_is_told_and_loses_nothing(file: PredictionFile) -> None:
    class Refusing:
        """The file, on a disk that refuses while told so."""

        refuses = False

        def __getattr__(self, name: str) -> object:
            if name == "keep" and self.refuses:
                raise StoreError("prediction.db cannot be used (disk is full); free some space on the disk")
            return getattr(file, name)

    disk = Refusing()
    warnings = Episodes(disk)
    disk.refuses = True
    step(warnings, 1, "watch")
    warnings.failed("P1", 2 * HOUR_US)
    assert "free some space" in warnings.trouble and file.episodes() == []
    disk.refuses = False
    step(warnings, 3, "")
    assert warnings.trouble == "" and file.episodes() == list(warnings.newest())
    assert file.watched()["m", "1", "P1"] == 7200.0 and len(file.missed()) == 1

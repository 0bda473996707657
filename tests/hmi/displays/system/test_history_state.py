"""What System says of the stored past, in words."""

from __future__ import annotations

import pytest

from engine.types import HistoryStatus
from hmi.displays.system import history_state as history_words
from tests.hmi.displays.system.kept import DAY_US, GB, history, troubled_history
from tests.hmi.plant import NOW_US, PLANT
from tests.hmi.sources import engine


def facts(status: HistoryStatus) -> dict[str, str]:
    """The figures by name."""
    return {fact.name: fact.text for fact in history_words.facts(status, PLANT, NOW_US)}


def test_room_says_how_much_is_used_and_how_long_it_lasts() -> None:
    room = history_words.room(history(), "en")
    assert room.part == pytest.approx(0.248)
    assert room.words == "12.4\u202fGB of 50\u202fGB used, lasts 41 days at this rate."
    assert room.why.startswith("0.9 GB a day") and room.why.endswith("removed.")
    assert not room.is_poor


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "12.4\u202fGB of 50\u202fGB used."),
        (0.4, "12.4\u202fGB of 50\u202fGB used, full within a day at this rate."),
        (1.9, "12.4\u202fGB of 50\u202fGB used, lasts 1 day at this rate."),
        (2.0, "12.4\u202fGB of 50\u202fGB used, lasts 2 days at this rate."),
    ],
)
def test_how_long_room_lasts_is_said_only_where_it_is_known(days: float | None, words: str) -> None:
    assert history_words.room(history(days_left=days), "en").words == words


def test_room_nobody_has_measured_yet_is_not_drawn_as_empty() -> None:
    room = history_words.room(HistoryStatus(), "en")
    assert room.part is None
    assert room.words == "How much room there is, is not known yet."
    assert history_words.room(history(bytes=60 * GB), "en").part == 1.0


def test_bar_is_dark_only_when_a_person_must_look() -> None:
    assert history_words.room(troubled_history(), "en").is_poor
    tight = history_words.room(history(disk_free_bytes=GB // 2), "en")
    assert tight.is_poor
    assert tight.words.endswith("; only 500\u202fMB free on this disk.")
    assert not history_words.room(history(bytes=50 * GB, days_left=0.0), "en").is_poor, (
        "a full quota is how a history lives: the oldest makes room"
    )


def test_figures_say_zero_and_none_as_well() -> None:
    said = facts(history())
    assert said["To disk"] == "1\u202f240 samples/s"
    assert said["Waiting"] == "96 samples, the oldest for 78 ms"
    assert said["Lost"] == "0 samples"
    assert said["Not packed yet"] == "2\u202f218\u202f400 samples"
    assert said["Size of a sample"] == "1.9 bytes"
    assert said["Oldest sample"] == "since Thu 19 Nov 14:23"
    assert (said["Known gaps"], said["Damaged files"]) == ("3", "none")
    assert said["Availability"] == "99.98 % over 30 days, down 7 min in 3 stretches"
    assert "Room" not in said, "it stands under the bar"
    assert facts(history(waiting=0))["Waiting"] == "nothing: all is on disk"
    young = facts(HistoryStatus())
    assert (young["Oldest sample"], young["Size of a sample"]) == ("none yet", "not known yet")


def test_losses_and_damaged_files_are_what_a_person_must_look_at() -> None:
    poor = {fact.name for fact in history_words.facts(troubled_history(), PLANT, NOW_US) if fact.is_poor}
    assert poor == {"Lost", "Damaged files"}
    assert not any(fact.is_poor for fact in history_words.facts(history(), PLANT, NOW_US))


def test_backup_is_told_in_the_time_of_the_plant_with_its_age() -> None:
    assert facts(history())["Backup"] == "Last backup 02:30, 11 h ago"
    late = history(facts=(("Backup", "last backup 2026-11-19 01:30 UTC; 3 tries failed since"),))
    assert facts(late)["Backup"] == "Last backup Thu 19 Nov 02:30, 3 days ago; 3 tries failed since"
    none = history(
        facts=(("Backup", "no nightly backup is set up: name a folder as backup_to in plant.toml"),)
    )
    assert facts(none)["Backup"].startswith("No nightly backup is set up")


def test_sample_of_another_year_is_told_with_its_year() -> None:
    assert history_words.since(NOW_US - 400 * DAY_US, NOW_US, "Europe/Berlin") == "18 Oct 2025 15:13"
    assert history_words.since(NOW_US - 3_600_000_000, NOW_US, "Europe/Berlin") == "13:13"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0 kB"),
        (812_300, "812 kB"),
        (999_600, "1 MB"),
        (1_240_000, "1.2 MB"),
        (99_960_000, "100 MB"),
        (999_900_000, "1 GB"),
        (12.44e9, "12.4 GB"),
        (50e9, "50 GB"),
        (2.5e12, "2.5 TB"),
    ],
)
def test_bytes_are_told_in_the_unit_a_person_would_use(amount: float, words: str) -> None:
    assert history_words.size(amount, "en") == words.replace(" ", "\u202f")


def test_line_beside_the_sources_says_trouble_first() -> None:
    calm = history_words.row(engine(), history(), False, "en")
    assert (calm.mark, calm.good, calm.state) == ("well", "24 % full", "lasts 41 days · running for 2 h")
    poor = history_words.row(engine(trouble="the clock jumped"), troubled_history(), False, "en")
    assert poor.mark == "look"
    assert poor.state.startswith("The clock jumped. The disk with the history is full")
    assert "needs a look" in poor.spoken
    same = history_words.row(
        engine(trouble="the disk is full"), history(trouble="the disk is full"), False, "en"
    )
    assert same.state == "The disk is full.", "what both say is said once"
    silent = history_words.row(engine(), history(), True, "en")
    assert (silent.mark, silent.state) == ("unknown", "not known")
    nothing = history_words.row(None, None, False, "en")
    assert (nothing.mark, nothing.good, nothing.state) == ("well", "", "")
    assert history_words.row(None, history(days_left=None), False, "en").state == "12.4\u202fGB stored"
    assert history_words.row(None, history(bytes=round(49.9 * GB)), False, "en").good == "99 % full"

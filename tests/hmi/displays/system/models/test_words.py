"""Models in words: no accuracy without its counterpart, records side by side, outcomes, odds."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.types import Episode, HitRate
from hmi.displays.system.models import card_words, warning_words
from hmi.displays.system.models import state as models
from hmi.displays.system.models.state import Known, Warned
from tests.hmi.displays.system.models.shelf import (
    CAME,
    CHALLENGER,
    CHAMPION,
    MODELS,
    OPEN,
    SHADOW,
    WATCH,
    card,
)
from tests.hmi.plant import NOW_US

KNOWN = Known(MODELS.models, True)


def words(metrics: dict[str, object]) -> str:
    told = "\n".join(fact.text for fact in card_words.metrics(card(metrics=metrics), "en"))
    return told.replace("\u202f", " ")


def test_accuracy_stands_beside_never_alarming_and_is_left_out_where_that_is_not_known() -> None:
    rows = {"rows": 1000, "rows_positive": 35}
    assert "accuracy 97.3 %, never alarming: 96.5 %" in words({"test": {"48h": {**rows, "accuracy": 0.973}}})
    assert "never alarming: 96.5 %" in words({"test": {**rows, "48h": {"accuracy": 0.973}}})
    assert "never alarming: 96.2 %" in words({"balanced_accuracy": 0.99, "never_alarming": 0.962})
    left_out = words({"test": {"accuracy": 0.973}})
    assert "97.3" not in left_out and "is not shown" in left_out


METRICS = st.recursive(
    st.floats()
    | st.sampled_from(["n/a", "7"])
    | st.booleans()
    | st.none()
    | st.lists(st.floats(), max_size=4),
    lambda inner: st.dictionaries(st.sampled_from(["48h", "accuracy", "rows", "recall", "x"]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["test", "accuracy", "rows", "rows_positive"]), METRICS))
def test_any_metrics_of_a_card_are_told_without_an_accuracy_alone(metrics: dict[str, object]) -> None:
    for line in words(metrics).splitlines():
        for part in line.split("; "):
            if "accuracy" in part and "accuracy:" not in part.lower():
                assert "never alarming" in part


def test_simulated_data_are_said_first_and_loud() -> None:
    first = card_words.data(card())[0]
    assert first.is_poor and first.text.startswith("SIMULATED")
    assert "does not say" in card_words.data(card(data={"origin": "x"}))[0].text
    assert not card_words.data(card(data={"kind": "real"}))[0].is_poor


def test_records_of_champion_challenger_and_both_baselines_stand_side_by_side() -> None:
    rows = models.record(KNOWN, CHAMPION, "en")
    assert [row[0] for row in rows] == [
        "Champion 1.0.0 · Watch", "Champion 1.0.0 · Act", "Challenger 1.1.0 · Act",
        "Limits alone", "Limits and an event",
    ]  # fmt: skip
    assert rows[1][1:7] == ("19 of 20", "1", "2", "0", "0.40", "22\u202fh")
    assert "19 of 20 Act warnings here were right" in models.record_words(CHAMPION)


def test_rate_a_month_is_not_told_of_an_hour() -> None:
    column = models.RECORD.index("False a month")
    assert models.record_row("x", HitRate("act", months=0.004), "en")[column] == models.NO_VALUE
    assert models.record_row("x", HitRate("act", wrong=1, months=2.0), "en")[column] == "0.50"


def test_record_of_which_nothing_is_known_claims_nothing() -> None:
    fresh = msgspec.structs.replace(CHAMPION, rates=(HitRate("act"),), baselines=())
    assert models.record(KNOWN, fresh, "en")[-1][1] == "4 of 4", "the challenger's stays"
    row = models.record_row("x", HitRate("act"), "en")
    assert row[1] == "no case yet" and row[5] == row[6] == "—"
    assert "No warning of it has an outcome" in models.record_words(fresh)
    assert "is not known yet" in models.record_words(fresh)


def test_open_warnings_stand_on_top_and_those_of_baselines_only_where_wanted() -> None:
    every = (SHADOW, CAME, OPEN, WATCH)
    assert [each.id for each in warning_words.ordered(every, False)] == [12, 11, 13]
    assert [each.id for each in warning_words.ordered(every, True)] == [14, 12, 11, 13]
    assert len(models.opened(Warned(every))) == 2


def test_outcomes_say_who_and_what() -> None:
    told = warning_words.told(CAME, NOW_US, "UTC")
    assert "Right: failed" in told and "2 h later" in told and "The press tripped." in told
    assert "outcome is awaited" in warning_words.told(WATCH, NOW_US, "UTC")
    assert "failed after it" in warning_words.why_not(CAME) and warning_words.why_not(OPEN) == ""
    assert "in shadow" in warning_words.tier(SHADOW)


def test_line_beside_the_sources_says_what_is_refused_before_all_else() -> None:
    refused = msgspec.structs.replace(CHALLENGER, role="refused", why="its hash is another one")
    row = models.row(Known((CHAMPION, refused)), None, False)
    assert row.mark == "look" and "1 version is refused" in row.state
    assert models.row(KNOWN, Warned((OPEN,)), False).good == "1 open"
    assert models.row(KNOWN, None, True).mark == "unknown"


def test_changes_are_told_version_by_version() -> None:
    after = Known((CHAMPION, msgspec.structs.replace(CHALLENGER, role="shadow")))
    assert models.changed(KNOWN, after) == ("press-48h 1.1.0: challenger → in shadow.",)
    assert models.changed(Known(()), after)[0] == "press-48h 1.0.0 comes in, champion."


def test_answer_of_another_kind_is_none() -> None:
    assert models.read(True, Known) is None and models.read({"models": [{"role": "king"}]}, Known) is None
    assert models.read(msgspec.to_builtins(OPEN), Episode) == OPEN

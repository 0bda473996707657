"""The PLC chip and the list behind it, in words."""

from __future__ import annotations

from engine.types import EngineStatus
from hmi.shell import links
from tests.hmi.plant import source


def test_chip_is_calm_while_every_source_answers() -> None:
    assert links.chip([source(), source("line")]) == ("2 of 2", True)
    assert links.chip([]) == ("none configured", True)


def test_chip_names_the_first_source_in_trouble_and_counts_the_rest() -> None:
    sources = [source(), source("line", "refused", age_s=None), source("oven", "connecting", age_s=None)]
    assert links.chip(sources) == ("1 of 3 · line: refused, +1 more", False)


def test_list_says_why_and_that_an_open_link_is_open() -> None:
    poor = source("line", "refused", last_error="certificate not trusted; run watchroom trust")
    assert links.why(poor) == "certificate not trusted; run watchroom trust"
    assert links.why(source(last_error="an old story")) == ""
    assert "open link, not encrypted" in links.facts(source(), "en")
    assert "3 samples dropped" in links.facts(source(dropped=3), "en")


def test_engine_line_tells_its_figures_or_that_there_are_none() -> None:
    status = EngineStatus(1, "0.1.0", 8132, 4, 4, 0, 0, 1234.0, 60.0, 0, 8.2, 143.0, 6.0)
    line = links.engine(status, "en")
    assert "running 2 h" in line and "1\u202f234 values/s" in line and "lag 8 ms" in line
    assert links.engine(None, "en") == "Engine: no figures yet"


def test_trouble_of_the_engine_takes_the_place_of_its_figures() -> None:
    status = EngineStatus(1, "0.1.0", 8132, 4, 4, 0, 0, 1234.0, 60.0, 0, 8.2, 143.0, 6.0, "the disk is full")
    assert links.engine(status, "en") == "Engine: the disk is full"

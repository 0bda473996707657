"""A set restored to real servers while the engine is killed: it says of each tag what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.restore import killed
from tests.faults.many_tags import many_tags
from tests.people import SHIRIN, at, entries
from tests.running import watchroom

pytestmark = [pytest.mark.fault, pytest.mark.system, pytest.mark.timeout(600)]


@pytest.mark.parametrize("tags", [60, pytest.param(4000, marks=pytest.mark.slow)])
def test_restore_that_is_killed_says_of_each_tag_what_became_of_it_and_never_goes_on(
    tmp_path: Path, tags: int
) -> None:
    with many_tags(tmp_path / "line", tags) as made:
        made.set_all(10.0)
        with at(made.folder, SHIRIN) as person:
            info = made.save(person, "as it was")
        made.set_all(20.0)
        sent, _ = killed(made, info.id)
        assert 0 < sum(sent) < tags, "in the middle"
        told = [each["body"] for each in entries(made.folder, "restore")]
        assert [each["what"] for each in told] == ["begun", "cut short"] and told[1]["begun"] > 0
        made.kill()
        made.start()  # it is said once
        assert len(entries(made.folder, "restore")) == 2
        assert watchroom("ledger", "verify", made.folder).returncode == 0

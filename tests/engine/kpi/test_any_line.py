"""Whatever a line does, its figures stay within what they can be."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.types import Status
from tests.engine.kpi.line import AIR, BAD, CYCLE_50, ENERGY, GOOD, MAIN, OEE, PATHS, S50, THROUGHPUT, Line

moves = st.one_of(
    st.tuples(st.just("piece"), st.integers(1, 90), st.sampled_from([GOOD, BAD])),
    st.tuples(st.just("state"), st.integers(0, 5), st.just(S50)),
    st.tuples(st.just("set"), st.integers(0, 100_000), st.sampled_from([GOOD, BAD, MAIN, AIR, CYCLE_50])),
    st.tuples(st.just("status"), st.sampled_from([0, int(Status.STALE), 0x80310000]), st.sampled_from(PATHS)),
    st.tuples(st.just("wait"), st.integers(0, 500), st.just("")),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(moves, max_size=25))
def test_figures_of_any_line_stay_in_their_range(played: list[tuple[str, int, str]]):
    line = Line((OEE, THROUGHPUT, ENERGY))
    for what, number, path in played:
        if what == "piece":
            line.piece(number, path, main=0.05, air=0.01)
        elif what == "wait":
            line.wait(number)
        elif what == "status":
            line.status[path] = number
            line.wait()
        else:
            line.values[path] = float(number)
            line.wait()
    oee, throughput, energy = line.kpis.figures()
    assert oee.value is None or 0 <= oee.value <= 100
    for figure in (oee, throughput, energy):
        assert figure.value is None or (figure.value >= 0 and math.isfinite(figure.value))
        assert figure.value is not None or (figure.reason and figure.status != Status.GOOD)
        assert figure.since_us <= line.now_us
    inputs = [line.status[path] for path in (*OEE.states, GOOD, BAD)]
    assert (oee.status == Status.GOOD) == (oee.value is not None and not any(inputs))

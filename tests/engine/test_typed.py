"""Types are learned by one thread at a time, and read by many."""

from __future__ import annotations

import subprocess
import sys

import pytest

LEARNERS = """
import sys, threading
from typing import Any
import engine.wire as wire
from engine.typed import convert, from_json, unpack
from engine.wire import encode

sys.setswitchinterval(1e-6)  # as often as on a machine with many threads
kinds = [each for each in vars(wire).values() if isinstance(each, type) and each.__name__.endswith("Answer")]
body, line = encode({"project": {"tags": [{"path": "a"}]}, "plant": {}}), b'{"project": {"tags": [{}]}}'
start, read = threading.Barrier(8), []

def learn() -> None:
    start.wait()
    for kind in kinds:
        for act, given in ((unpack, body), (from_json, line), (convert, {"project": {"tags": [{}]}})):
            try:
                act(given, kind)
            except Exception as error:
                assert type(error).__name__ == "ValidationError", error
            read.append(kind)

threads = [threading.Thread(target=learn) for _ in range(8)]
for each in threads:
    each.start()
for each in threads:
    each.join()
assert len(kinds) > 20 and len(read) == 3 * 8 * len(kinds), len(read)
"""


@pytest.mark.system
@pytest.mark.parametrize("turn", range(5))
def test_many_threads_that_meet_a_type_for_the_first_time_do_not_end_the_process(turn: int) -> None:
    done = subprocess.run([sys.executable, "-c", LEARNERS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), turn

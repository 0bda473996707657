"""Memory that was freed goes back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

SPENDER = """
import numpy as np, psutil
from engine.app.memory import give_back

def used_mb():
    return psutil.Process().memory_info().rss / 1e6

kept, freed = [], []
for _ in range(2000):  # what is kept lies between what is freed, as in a process that lives long
    freed.append(np.ones(100_000, np.uint8))
    kept.append(np.ones(500, np.uint8))
full = used_mb()
freed.clear()
before = used_mb()
give_back()
print(full - used_mb(), full - before)
"""


@pytest.mark.system
@pytest.mark.skipif(sys.platform != "linux", reason="other systems take it back by themselves")
def test_freed_memory_between_what_is_kept_goes_back_to_the_system() -> None:
    words = [sys.executable, "-c", SPENDER]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    given_back, by_itself = map(float, said)
    assert given_back > 150 and by_itself < 100, said

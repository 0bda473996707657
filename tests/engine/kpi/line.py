"""A line played second by second to the figures: states, counters, cycle times and their quality."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.kpi import Kpis
from engine.types import Kpi, KpiRule, Status, Tag

S10, S50, S80 = "Line/S10 Load/State", "Line/S50 Roof press/State", "Line/S80 Inspect/State"
CYCLE_50, CYCLE_80 = "Line/S50 Roof press/Cycle time", "Line/S80 Inspect/Cycle time"
GOOD, BAD = "Line/S80 Inspect/Good", "Line/S80 Inspect/Rejects"
MAIN, AIR = "Utilities/Power/Energy", "Utilities/Compressed air/Energy"
PATHS = (S10, S50, S80, CYCLE_50, CYCLE_80, GOOD, BAD, MAIN, AIR)
TAGS = [Tag(at, path, "plc", "i=1") for at, path in enumerate(PATHS)]
RUNNING, STOPPED = 1.0, 4.0
OEE = KpiRule(
    "oee",
    "oee",
    title="OEE",
    unit="%",
    ideal_cycle_s=60.0,
    states=(S10, S50, S80),
    cycles=(CYCLE_50, CYCLE_80),
    good=GOOD,
    bad=BAD,
)
THROUGHPUT = KpiRule("rate", "throughput", target=60.0, ideal_cycle_s=60.0, good=GOOD, cycles=(CYCLE_50,))
ENERGY = KpiRule(
    "energy",
    "energy",
    decimals=2,
    target=4.6,
    good=GOOD,
    meters={"machines": MAIN, "compressed air": AIR},
    shares={"machines": 0.8, "compressed air": 0.2},
)


@dataclass
class Line:
    """What the PLCs say now. ``play`` lets time go by."""

    rules: tuple[KpiRule, ...]
    values: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PATHS, 0.0))
    status: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PATHS, int(Status.GOOD)))
    mono_us: int = 7_000_000_000
    now_us: int = 1_700_000_000_000_000

    def __post_init__(self) -> None:
        self.kpis = Kpis(self.rules, TAGS)
        self.values |= {S10: RUNNING, S50: RUNNING, S80: RUNNING, CYCLE_50: 60.0, CYCLE_80: 60.0}
        self.look()

    def look(self) -> None:
        """The figures see the values of now."""
        paths = [PATHS[int(row)] for row in self.kpis.rows.tolist()]
        value = np.array([self.values[path] for path in paths])
        status = np.array([self.status[path] for path in paths], np.uint32)
        age_s = np.where((status & np.uint32(0xC0000000)) == 0, 0.5, 9.0)
        self.kpis.second(self.now_us, self.mono_us, value, status, age_s)

    def wait(self, seconds: float = 1.0) -> None:
        """Time goes by and the figures look once, at its end."""
        self.mono_us += round(seconds * 1e6)
        self.now_us += round(seconds * 1e6)
        self.look()

    def play(self, seconds: int, **power: float) -> None:
        """Seconds in which nothing but the meters moves; ``power`` = kWh a second of "main" and "air"."""
        for _ in range(seconds):
            self.values[MAIN] += power.get("main", 0.0)
            self.values[AIR] += power.get("air", 0.0)
            self.wait()

    def piece(self, cycle: int = 60, counter: str = GOOD, **power: float) -> None:
        """A cycle at whose end one piece is counted."""
        self.play(cycle - 1, **power)
        self.values[counter] += 1
        self.play(1, **power)

    def pieces(self, count: int, cycle: int = 60, counter: str = GOOD, **power: float) -> None:
        """Cycles one after the other."""
        for _ in range(count):
            self.piece(cycle, counter, **power)

    def figure(self) -> Kpi:
        """The only figure."""
        (figure,) = self.kpis.figures()
        return figure

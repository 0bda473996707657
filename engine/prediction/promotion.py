"""When a challenger may become champion: after long enough in shadow, and only if it loses on nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

DAY_US = 86_400_000_000
EVEN = 1e-9
"""Differences below this are rounding."""


class Standing(msgspec.Struct, frozen=True):
    """How a model did over one stretch of time on one set of assets.

    ``failures`` there were, ``found`` of them it warned of in time; ``false_alarms`` in ``months`` machine-
    months; ``brier`` = mean squared error of its probability, None = not known. Of a model of the remaining
    life: ``failures`` = lives that ended, ``rmse_h`` = its error on them in hours, ``inside`` = part of the
    true lives that lay in its interval, which is to hold ``share`` of them.
    """

    failures: int
    found: int
    false_alarms: int
    months: float
    brier: float | None = None
    rmse_h: float | None = None
    inside: float | None = None
    share: float = 0.8

    @property
    def recall(self) -> float | None:
        """Share of the failures that it warned of, None where there were none."""
        return self.found / self.failures if self.failures else None

    @property
    def false_per_month(self) -> float | None:
        """False alarms per machine-month, None where nothing was watched."""
        return self.false_alarms / self.months if self.months > 0 else None


class PromotionRule(msgspec.Struct, frozen=True):
    """``shadow_days`` beside the champion at least, and ``failures`` in that time at least."""

    shadow_days: float = 14.0
    failures: int = 1

    def against(
        self, since_us: int, now_us: int, challenger: Standing | None, champion: Standing | None
    ) -> tuple[str, ...]:
        """What speaks against the promotion, a sentence each; () = nothing.

        ``since_us`` = when it began to run in shadow. Both standings are of the same time and assets; no
        champion = there is none, and the challenger need not be better than anything.
        """
        return tuple(self._against(since_us, now_us, challenger, champion))

    def _against(
        self, since_us: int, now_us: int, challenger: Standing | None, champion: Standing | None
    ) -> Iterator[str]:
        days = (now_us - since_us) / DAY_US
        if days < self.shadow_days:
            yield f"it ran in shadow for {max(days, 0.0):.1f} days, and {self.shadow_days:g} are asked for"
        if challenger is None:
            yield "nothing is known of how it did in shadow"
            return
        if challenger.failures < self.failures:
            yield (
                f"there were {challenger.failures} failures in that time, and {self.failures} are needed to "
                "see whether it finds them"
            )
        if champion is not None:
            is_life = challenger.rmse_h is not None or champion.rmse_h is not None
            yield from (_lost_on_lives if is_life else _lost)(challenger, champion)


def _lost_on_lives(challenger: Standing, champion: Standing) -> Iterator[str]:
    if challenger.failures != champion.failures or abs(challenger.months - champion.months) > 1e-6:
        yield "the two were not judged over the same time and assets"
        return
    new, old = challenger.rmse_h, champion.rmse_h
    if new is None or old is None:
        yield "how far off its lives are is not known for both"
    elif new > old + EVEN:
        yield f"its lives are further off: {new:.3g} h (root mean square), the champion {old:.3g} h"
    if challenger.inside is None or champion.inside is None:
        yield "how often the true life lay in its interval is not known for both"
    elif challenger.inside < min(champion.inside, challenger.share) - EVEN:
        of = f"{challenger.inside:.0%} of {challenger.share:.0%}, the champion {champion.inside:.0%}"
        yield f"its interval holds fewer of the true lives: {of}"


def _lost(challenger: Standing, champion: Standing) -> Iterator[str]:
    if challenger.failures != champion.failures or abs(challenger.months - champion.months) > 1e-6:
        yield "the two were not judged over the same time and assets"
        return
    new, old = challenger.recall, champion.recall
    if new is not None and old is not None and new < old - EVEN:
        of = f"{challenger.found} of {challenger.failures}"
        yield f"it finds fewer failures: {of}, the champion {champion.found}"
    new, old = challenger.false_per_month, champion.false_per_month
    if new is None or old is None:
        yield "nothing was watched in that time, so its false alarms are not known"
    elif new > old + EVEN:
        yield f"it has more false alarms: {new:.3g} per machine-month, the champion {old:.3g}"
    if challenger.brier is None or champion.brier is None:
        yield "how good its probabilities are (Brier score) is not known for both"
    elif challenger.brier > champion.brier + EVEN:
        yield f"its probabilities are worse: Brier score {challenger.brier:.4f} against {champion.brier:.4f}"

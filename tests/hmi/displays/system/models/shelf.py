"""Made-up models and warnings, and a feed that answers for them as the engine does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.types import Drift, Episode, HitRate, ModelCard, ModelInput, ModelRole, ModelState
from engine.wire import ModelsAnswer
from tests.hmi.displays.system.office import OfficeFeed
from tests.hmi.plant import NOW_US

HOUR_US = 3_600_000_000
PRESS = "Body shop/S50/Press"
TIER: dict[str, Any] = {
    "failures": 41.0, "machine_months": 73.6, "recall": [0.9268, 0.8408, 1.0],
    "precision": [0.8837, 0.7857, 0.9756], "lead_h_median": 23.0,
}  # fmt: skip


def card(version: str = "1.0.0", **more: Any) -> ModelCard:
    """The card of a model of the press's hydraulics."""
    facts: dict[str, Any] = {
        "id": "press-48h", "version": version, "kind": "failure", "sha256": "ab" * 32,
        "asset_class": "press", "title": "Press failure within 48 h", "what": "the press seal fails",
        "horizon_h": (24.0, 48.0), "features": "windows/1", "bucket_s": 600.0,
        "inputs": (
            ModelInput("pressure", "bar", "Hydraulics/Pressure", low=127.2, high=240.0, group="pressure"),
            ModelInput("oil", "°C", "Hydraulics/Oil temperature", required=False, group="heat"),
        ),
        "tiers": {"watch": 0.2, "act": 0.8},
        "evidence": {"watch": TIER, "act": TIER, "chosen": "on validation alone"},
        "metrics": {
            "test": {"48h": {"rows": 1000, "rows_positive": 35, "pr_auc": [0.7729, 0.7523, 0.7868]}},
        },
        "data": {"origin": "virtual presses", "licence": "MIT", "kind": "simulated"},
        "limits": ("never seen in a plant",), "golden": (), "reference": {},
        "trainer": {"lightgbm": "4.7.0"}, "author": "The Watchroom authors", "failures": 317,
    }  # fmt: skip
    return ModelCard(**{**facts, **more})


def state(role: ModelRole, version: str, rates: tuple[HitRate, ...] = (), **more: Any) -> ModelState:
    """One version in the registry."""
    facts: dict[str, Any] = {"assets": (PRESS,), "since_us": NOW_US - 30 * HOUR_US, "by": "Ines Costa"}
    return ModelState(card(version), role, rates=rates, **{**facts, **more})


RATES = (
    HitRate("watch", 6, 12, 1, 1, 2.5, 40.0),
    HitRate("act", 19, 1, 2, 0, 2.5, 22.5),
)
CHAMPION = state(
    "champion", "1.0.0", RATES, signed=True, why="better on every count",
    drift=Drift({"pressure:mean_24h": 0.31, "oil:mean_24h": 0.12, "pressure:mean_3h": 0.02}, 0.034,
                text="pressure mean_24h is not as in training (PSI 0.31); no ACT until it is"),
    baselines=(("baseline: limit", HitRate("act", 18, 44, 3, 1, 2.5, 38.0)),
               ("baseline: limit and event", HitRate("act", 17, 6, 4, 0, 2.5, 23.0))),
)  # fmt: skip
CHALLENGER = state("challenger", "1.1.0", (HitRate("act", 4, 0, 0, 0, 0.5, 21.0),))
MODELS = ModelsAnswer((CHAMPION, CHALLENGER), can_train=True)
OPEN = Episode(
    12, PRESS, "act", "press-48h", "1.0.0", NOW_US - 5 * HOUR_US, peak=0.91, act_us=NOW_US - HOUR_US
)
WATCH = Episode(11, PRESS, "watch", "press-48h", "1.0.0", NOW_US - 9 * HOUR_US, NOW_US - HOUR_US, peak=0.34)
CAME = Episode(
    13, PRESS, "act", "press-48h", "1.0.0", NOW_US - 3 * HOUR_US, NOW_US - HOUR_US, 0.97, "right",
    NOW_US - HOUR_US, 2.0, "the engine", "the press tripped",
)  # fmt: skip
SHADOW = Episode(
    14, PRESS, "act", "baseline: limit", "press-48h 1.0.0", NOW_US - HOUR_US, peak=1.0, is_shadow=True
)
EPISODES = (SHADOW, CAME, OPEN, WATCH)


class ShelfFeed(OfficeFeed):
    """``shelf`` and ``episodes`` are what the engine has; ``told`` = what it says of a change.

    ``rule`` = what speaks against a promotion that is no override.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shelf = MODELS
        self.episodes = EPISODES
        self.told = self.rule = ""

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Answer as the bridge does: with plain objects, never with structs."""
        answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "models": lambda _: self.shelf,
            "episodes": lambda _: {"episodes": self.episodes},
            "model_change": self._change,
            "verdict": self._verdict,
        }
        if name not in answers:
            super().submit(name, body, on_done, on_error)
            return
        self.sent.append((name, body))
        is_against = name == "model_change" and body["what"] == "promote" and not body.get("is_override")
        refusal = self.refusals.get(name, self.rule if is_against else "")
        if refusal:
            on_error(refusal)
        else:
            on_done(msgspec.msgpack.decode(msgspec.msgpack.encode(answers[name](body))))

    def _change(self, asked: dict[str, Any]) -> ModelsAnswer:
        models = list(self.shelf.models)
        if asked["what"] == "import":
            models.append(state("challenger", "2.0.0"))
            models[1] = msgspec.structs.replace(models[1], role="shadow")
        else:
            role: dict[str, ModelRole] = {"promote": "champion", "shadow": "shadow", "retire": "retired"}
            models = [
                msgspec.structs.replace(each, role=role.get(asked["what"], each.role))
                if each.card.version == asked["version"]
                else each
                for each in models
            ]
        found = ModelsAnswer(tuple(models), can_train=True, text=self.told)
        if not asked.get("is_trial"):
            self.shelf = found
        return found

    def _verdict(self, asked: dict[str, Any]) -> Episode:
        found = next(each for each in self.episodes if each.id == asked["episode"])
        outcome = "right" if asked["is_right"] else "dismissed"
        after = msgspec.structs.replace(found, outcome=outcome, by=asked["by"], reason=asked["reason"])
        self.episodes = tuple(after if each.id == after.id else each for each in self.episodes)
        return after

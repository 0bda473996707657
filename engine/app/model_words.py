"""What a change of models does, in a sentence: before it is done, and after."""

from __future__ import annotations

from engine.prediction.registry import Change
from engine.types import ModelCard


def told(change: Change) -> str:
    """What becomes of each version, and what speaks against it."""
    if change.what == "baseline":
        how = f"is followed again over {change.window}" if change.window else "is not followed any more"
        return f"{change.asset}: its normal {how} for {change.id}"
    # What the change is about comes first, whatever it displaces follows.
    first = f"{change.id} {change.version}"
    roles = sorted(change.roles.items(), key=lambda each: each[0] != first)
    moved = ", ".join(f"{name} becomes {role}" for name, role in roles)
    return f"{moved}; against the rule: {'; '.join(change.against)}" if change.against else moved


def about(card: ModelCard) -> str:
    """What a model is, for whoever decides about it."""
    hours = " and ".join(f"{each:g}" for each in card.horizon_h)
    data = f"{card.data.get('origin', '')}".strip().rstrip(".")
    limits = " ".join(each.strip().rstrip(".") + "." for each in card.limits[:2])
    return (
        f"{card.title}: {card.what}, {hours} h ahead, for assets of class {card.asset_class}; "
        f"learned from {card.failures} failures ({data}). {limits}"
    )

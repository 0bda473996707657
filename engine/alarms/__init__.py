"""Limits of tags and the alarms they raise."""

from engine.alarms.alarms import Alarms
from engine.alarms.limits import Limits
from engine.alarms.past import past_alarms
from engine.alarms.state import Changes

__all__ = ["Alarms", "Changes", "Limits", "past_alarms"]

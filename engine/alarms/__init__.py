"""Limits of tags and the alarms they raise."""

from engine.alarms.alarms import Alarms
from engine.alarms.limits import Limits
from engine.alarms.past import alarms_among, past_alarms
from engine.alarms.state import Changes
from engine.alarms.then import Then

__all__ = ["Alarms", "Changes", "Limits", "Then", "alarms_among", "past_alarms"]

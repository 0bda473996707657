"""Limits of tags and the alarms they raise."""

from engine.alarms.alarms import Alarms
from engine.alarms.commands import require_seen
from engine.alarms.conditions import Conditions
from engine.alarms.life import Refused
from engine.alarms.limits import Limits
from engine.alarms.past import Known, Noted, alarms_among, past_alarms, states_on_record
from engine.alarms.recording import seen_in
from engine.alarms.register import Key, Outside
from engine.alarms.state import Changes

__all__ = [
    "Alarms",
    "Changes",
    "Conditions",
    "Key",
    "Known",
    "Limits",
    "Noted",
    "Outside",
    "Refused",
    "alarms_among",
    "past_alarms",
    "require_seen",
    "seen_in",
    "states_on_record",
]

"""The journal of alarms: what happened, the newest first."""

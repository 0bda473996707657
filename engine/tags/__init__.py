"""The pure tag pipeline: what happens to a batch between a driver and the live table."""

from engine.tags.exception import MAX_SILENT_S, Exceptions, deadbands
from engine.tags.freshness import stale_limit_s
from engine.tags.quality import clean, full_quality

__all__ = ["MAX_SILENT_S", "Exceptions", "clean", "deadbands", "full_quality", "stale_limit_s"]

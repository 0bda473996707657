"""The pure tag pipeline: what happens to a batch between a driver and the live table."""

from engine.tags.exception import MAX_SILENT_S, Exceptions, deadbands
from engine.tags.freshness import stale_limit_s
from engine.tags.order import DUPLICATE, LATE, NEW, Order
from engine.tags.pipeline import Judged, Pipeline
from engine.tags.quality import clean, full_quality
from engine.tags.scaling import Scaling, is_measured, is_scaled, scaled_info

__all__ = [
    "DUPLICATE",
    "LATE",
    "MAX_SILENT_S",
    "NEW",
    "Exceptions",
    "Judged",
    "Order",
    "Pipeline",
    "Scaling",
    "clean",
    "deadbands",
    "full_quality",
    "is_measured",
    "is_scaled",
    "scaled_info",
    "stale_limit_s",
]

"""The history of a plant: samples made durable, packed, read again and summed up."""

from engine.historian.export import export
from engine.historian.historian import Historian
from engine.historian.history import StoredHistory
from engine.historian.places import is_fast, segment_path
from engine.historian.reading import Cancelled
from engine.historian.recovery import gaps, load_tail, texts
from engine.historian.rollups import Rollups
from engine.historian.sealer import Span
from engine.historian.tail import Tail

__all__ = [
    "Cancelled",
    "Historian",
    "Rollups",
    "Span",
    "StoredHistory",
    "Tail",
    "export",
    "gaps",
    "is_fast",
    "load_tail",
    "segment_path",
    "texts",
]

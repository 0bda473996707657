"""The history of a plant: samples made durable, packed, read again and summed up."""

from engine.historian.historian import Historian
from engine.historian.places import is_fast, segment_path
from engine.historian.recovery import gaps, load_tail, texts
from engine.historian.sealer import Span
from engine.historian.tail import Tail

__all__ = ["Historian", "Span", "Tail", "gaps", "is_fast", "load_tail", "segment_path", "texts"]

"""The unit display as widgets."""

from __future__ import annotations

from hmi.displays.unit.tags_page import TagsPage

UnitView = TagsPage

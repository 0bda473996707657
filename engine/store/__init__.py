"""SQLite files of a project: the catalogue of tags and the journal of events."""

from engine.store.catalogue import Catalogue
from engine.store.database import StoreError
from engine.store.journal import Journal, StoredEvent

__all__ = ["Catalogue", "Journal", "StoreError", "StoredEvent"]

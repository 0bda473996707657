"""CAD files in the scene: read in a guarded process, kept as arrays, bound to assets by node name."""

from __future__ import annotations

from hmi.cad.model import CadModel, CadNode
from hmi.cad.shelf import CadShelf

__all__ = ["CadModel", "CadNode", "CadShelf"]

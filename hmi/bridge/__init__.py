"""The one place of the window that knows the engine."""

from hmi.bridge.attaching import Attaching
from hmi.bridge.bridge import Bridge

__all__ = ["Attaching", "Bridge"]

"""People, credentials, sessions and rights: who may do what, here and now, also without a network.

`Security` is all that the rest of the engine needs. Seeing, searching and silencing the horn never ask it.
"""

from engine.security.directory import Directory, DirectoryPerson
from engine.security.errors import Denied, DirectoryAbsent
from engine.security.security import Security

__all__ = ["Denied", "Directory", "DirectoryAbsent", "DirectoryPerson", "Security"]

"""The wiring: the only place where the engine's parts meet."""

from engine.app.drivers import drivers
from engine.app.offline import browse, certificates, distrust, own_certificate, show_authority, trust
from engine.app.project import BadProject, finish_import, load
from engine.app.run import AlreadyRuns, run
from engine.server import RequestRefused

__all__ = [
    "AlreadyRuns",
    "BadProject",
    "RequestRefused",
    "browse",
    "certificates",
    "distrust",
    "drivers",
    "finish_import",
    "load",
    "own_certificate",
    "run",
    "show_authority",
    "trust",
]

"""Manuals, drawings and pictures of a project, read and drawn page by page in a process of its own. No Qt."""

from hmi.documents.reader import Reader
from hmi.documents.wire import Answer, Draw, Drawn, Failed, Find, Found, Heading, Hit, Open, Opened, Request

__all__ = [
    "Answer",
    "Draw",
    "Drawn",
    "Failed",
    "Find",
    "Found",
    "Heading",
    "Hit",
    "Open",
    "Opened",
    "Reader",
    "Request",
]

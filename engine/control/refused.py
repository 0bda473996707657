"""What may not be done, in words for the person who asked."""

from __future__ import annotations


class Refused(Exception):
    """It is not done, and nothing was changed; the text says why and what to do next."""

"""What is told to a person who may not do, or cannot do, what they asked for."""

from __future__ import annotations


class Denied(Exception):
    """It is not done; the text says why and what to do, and never holds a secret."""


class DirectoryAbsent(Exception):
    """The directory did not answer, or not in a way that can be trusted; the text says what happened."""

"""The ``watchroom`` command: everything a window does can be driven without a screen."""

from engine.cli.main import main

__all__ = ["main"]

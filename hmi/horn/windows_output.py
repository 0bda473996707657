"""Sound on Windows: winsound, which comes with Python, from a file in the folder for passing things."""

from __future__ import annotations

import ctypes
import io
import tempfile
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hmi.horn.player import NoSound, Output, Samples
from hmi.horn.sounds import RATE

TURN_S = 0.05


def wav(samples: Samples) -> bytes:
    """The samples as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return made.getvalue()


def _play(samples: Samples, is_over: Callable[[], bool]) -> None:
    import winsound

    _look()
    sound: Any = winsound
    # From a file: only so can it be stopped while it plays.
    with tempfile.TemporaryDirectory(prefix="watchroom-") as folder:
        file = Path(folder) / "horn.wav"
        file.write_bytes(wav(samples))
        try:
            sound.PlaySound(str(file), sound.SND_FILENAME | sound.SND_ASYNC | sound.SND_NODEFAULT)
        except RuntimeError as error:
            raise NoSound(f"the sound device fails: {error}") from error
        turn, left_s = threading.Event(), len(samples) / RATE
        while left_s > 0 and not is_over():
            turn.wait(TURN_S)
            left_s -= TURN_S
        sound.PlaySound(None, 0)


def _look() -> None:
    libraries: Any = getattr(ctypes, "windll", None)
    if libraries is None or libraries.winmm.waveOutGetNumDevs() == 0:
        raise NoSound("there is no sound device: Windows knows of no output")


OUTPUT = Output(_play, _look)

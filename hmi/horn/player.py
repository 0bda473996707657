"""Plays sounds, in a thread of its own: a sound device that hangs is never felt on the screen.

Qt's own sound (QtMultimedia) is not part of what we install; it is larger than all the rest of Qt. So the
sound goes to the system itself: PulseAudio or PipeWire, else ALSA; on Windows to winsound.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("watchroom.horn")
LOOK_S = 15.0
"""So often an idle device is looked at: whether it is still there."""
LATE_S = 8.0
"""A device that takes longer than this over a look or a sound hangs."""
LEAVE_S = 1.0
Samples = NDArray[np.int16]


class NoSound(Exception):
    """Nothing can be heard; the sentence says why."""


class Player(Protocol):
    """What the horn needs of a sound device. ``trouble`` = why nothing can be heard, "" = it is well."""

    @property
    def trouble(self) -> str: ...
    def play(self, samples: Samples) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Output:
    """A way to the loudspeaker; both raise `NoSound`.

    ``play`` = play these samples and return once they were heard, or soon after the function says True;
    ``look`` = see whether there is a device.
    """

    play: Callable[[Samples, Callable[[], bool]], None]
    look: Callable[[], None]


class Sounder:
    """The player of the product. `play` takes the place of what sounds; nothing here waits."""

    def __init__(self, output: Output, look_s: float = LOOK_S) -> None:
        self._output, self._look_s = output, look_s
        self._wanted: queue.SimpleQueue[Samples | None] = queue.SimpleQueue()
        self._is_closing = threading.Event()
        self._trouble = ""
        self._since: float | None = None
        self._thread = threading.Thread(target=self._run, name="horn", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Why nothing can be heard, as far as is known now."""
        since = self._since
        if since is not None and time.monotonic() - since > LATE_S:
            return "the sound device does not answer"
        return self._trouble

    def play(self, samples: Samples) -> None:
        """Play this, whatever sounds now."""
        self._wanted.put(samples)

    def stop(self) -> None:
        """Be still."""
        self._wanted.put(None)

    def close(self) -> None:
        """End the thread; one that hangs in the device is left behind."""
        self._is_closing.set()
        self._wanted.put(None)
        self._thread.join(LEAVE_S)

    def _run(self) -> None:
        self._try(self._output.look)
        while not self._is_closing.is_set():
            try:
                samples = self._wanted.get(timeout=self._look_s)
            except queue.Empty:
                self._try(self._output.look)
                continue
            if samples is not None and self._wanted.empty():
                self._try(lambda heard=samples: self._output.play(heard, self._is_over))

    def _is_over(self) -> bool:
        return self._is_closing.is_set() or not self._wanted.empty()

    def _try(self, act: Callable[[], None]) -> None:
        self._since = time.monotonic()
        try:
            act()
        except NoSound as error:
            self._say(str(error))
        except Exception as error:  # whatever a sound system does, the screen must live and say so
            log.exception("the horn failed")
            self._say(f"the sound device fails: {error}")
        else:
            self._say("")
        finally:
            self._since = None

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("the horn cannot sound: %s", trouble) if trouble else log.info("the horn can sound")


def open_player() -> Player:
    """The player of this machine; where nothing can sound, its ``trouble`` says so."""
    if sys.platform == "win32":
        from hmi.horn.windows_output import OUTPUT

        return Sounder(OUTPUT)
    if sys.platform == "linux":
        from hmi.horn.linux_output import OUTPUT

        return Sounder(OUTPUT)

    def none(*_: object) -> None:
        raise NoSound(f"this system ({sys.platform}) has no sound that Watchroom can use")

    return Sounder(Output(none, none))

"""The player: it plays in a thread of its own, and says why nothing can be heard."""

from __future__ import annotations

import ctypes.util
import io
import os
import subprocess
import sys
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hmi.horn.player import NoSound, Output, Samples, Sounder
from hmi.horn.sounds import RATE, sound
from hmi.horn.windows_output import wav
from tests.running import until

GONE = "there is no sound device: it was pulled out"


class Device:
    """A sound device that a test plugs in and out; a sound on it lasts until it is stopped or `ends`."""

    def __init__(self) -> None:
        self.trouble = ""
        self.heard: list[Samples] = []
        self.stopped = 0
        self.ends = threading.Event()
        self.looks = 0

    def play(self, samples: Samples, is_over: Callable[[], bool]) -> None:
        self.look()
        self.heard.append(samples)
        tick = threading.Event()
        while not self.ends.is_set():
            if is_over():
                self.stopped += 1
                return
            tick.wait(0.005)

    def look(self) -> None:
        self.looks += 1
        if self.trouble == "bug":
            raise ZeroDivisionError("in the driver")
        if self.trouble:
            raise NoSound(self.trouble)


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def player(device: Device) -> Iterator[Sounder]:
    made = Sounder(Output(device.play, device.look), look_s=0.02)
    yield made
    made.close()


def test_it_plays_what_it_is_told(player: Sounder, device: Device) -> None:
    player.play(sound(1))
    until(lambda: device.heard, 5)
    assert device.heard[0] is sound(1)
    assert player.trouble == ""


def test_a_sound_takes_the_place_of_the_one_before(player: Sounder, device: Device) -> None:
    player.play(sound(4))
    until(lambda: len(device.heard) == 1, 5)
    player.play(sound(1))
    until(lambda: len(device.heard) == 2, 5)
    assert device.stopped == 1 and device.heard[1] is sound(1)


def test_it_is_still_when_told(player: Sounder, device: Device) -> None:
    player.play(sound(1))
    until(lambda: device.heard, 5)
    player.stop()
    until(lambda: device.stopped == 1, 5)


def test_a_device_pulled_out_while_idle_is_noticed_and_so_is_its_return(
    player: Sounder, device: Device
) -> None:
    until(lambda: device.looks, 5)
    assert player.trouble == ""
    device.trouble = GONE
    until(lambda: player.trouble == GONE, 5)
    device.trouble = ""
    until(lambda: player.trouble == "", 5)


def test_a_fault_of_the_sound_system_is_said_and_the_player_lives(player: Sounder, device: Device) -> None:
    device.trouble = "bug"
    until(lambda: player.trouble, 5)
    assert player.trouble == "the sound device fails: in the driver"
    device.trouble = ""
    player.play(sound(2))
    until(lambda: device.heard, 5)
    device.ends.set()
    until(lambda: player.trouble == "", 5)


def test_a_device_that_hangs_is_trouble(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmi.horn.player.LATE_S", 0.05)
    hangs = threading.Event()
    player = Sounder(Output(device.play, hangs.wait), look_s=9)
    try:
        until(lambda: player.trouble == "the sound device does not answer", 5)
    finally:
        hangs.set()
        player.close()


def test_closing_ends_the_thread_in_the_middle_of_a_sound(device: Device) -> None:
    player = Sounder(Output(device.play, device.look))
    player.play(sound(1))
    until(lambda: device.heard, 5)
    player.close()
    assert not [each for each in threading.enumerate() if each.name == "horn"]


def test_windows_is_given_a_wav_file_of_the_same_samples() -> None:
    with wave.open(io.BytesIO(wav(sound(3)))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        assert np.array_equal(np.frombuffer(file.readframes(-1), np.int16), sound(3))


PLAY = """
from hmi.horn.linux_output import OUTPUT
from hmi.horn.player import NoSound
from hmi.horn.sounds import sound
try:
    OUTPUT.look()
    OUTPUT.play(sound(1), lambda: False)
except NoSound as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA is of Linux")
@pytest.mark.skipif(ctypes.util.find_library("asound") is None, reason="libasound.so.2 is not installed")
class TestAlsa:
    """The real library of this machine, with a device that writes what it plays to a file."""

    def run(self, folder: Path, device: str) -> str:
        (folder / "asound.conf").write_text(device)
        environment = {**os.environ, "ALSA_CONFIG_PATH": str(folder / "asound.conf"), "PULSE_SERVER": "none"}
        done = subprocess.run(
            [sys.executable, "-c", PLAY], env=environment, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def test_every_sample_reaches_the_device(self, tmp_path: Path) -> None:
        out = tmp_path / "heard.raw"
        device = f'pcm.!default {{ type file slave.pcm {{ type null }} file "{out}" format "raw" }}'
        assert self.run(tmp_path, device) == ""
        assert np.array_equal(np.fromfile(out, np.int16)[: len(sound(1))], sound(1))

    def test_no_device_is_said_in_words(self, tmp_path: Path) -> None:
        said = self.run(tmp_path, "# no device at all\n")
        assert said.startswith("there is no sound device: ")

"""Sound on Linux: PulseAudio (also PipeWire, which speaks its language), else ALSA; by their C libraries.

Signatures from pulse/simple.h of PulseAudio 16 and from alsa/pcm.h of alsa-lib 1.2.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from hmi.horn.player import NoSound, Output, Samples
from hmi.horn.sounds import RATE

CHUNK = RATE // 20
"""Samples written at once: after so much time a sound can be stopped."""
LATENCY_US = 100_000
NEEDS = "libpulse-simple.so.0 (package libpulse0) or libasound.so.2 (package libasound2)"
CARDS = Path("/proc/asound/pcm")
_PLAYBACK, _S16_LE_PULSE, _S16_LE_ALSA, _INTERLEAVED = 1, 3, 2, 3
IsOver = Callable[[], bool]


class _Spec(ctypes.Structure):
    """pa_sample_spec."""

    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


@lru_cache(maxsize=8)
def _library(name: str) -> Any:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


_Quiet = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
# ALSA writes what it does not like to stderr, unless somebody takes it; kept for as long as it may call.
_quiet = _Quiet(lambda *_: None)


def _pulse(samples: Samples | None, is_over: IsOver) -> None:
    simple, pulse = _library("libpulse-simple.so.0"), _library("libpulse.so.0")
    if simple is None or pulse is None:
        raise NoSound(f"none of the sound libraries is installed: {NEEDS}")
    simple.pa_simple_new.restype, pulse.pa_strerror.restype = ctypes.c_void_p, ctypes.c_char_p
    error, spec = ctypes.c_int(), _Spec(_S16_LE_PULSE, RATE, 1)
    stream = simple.pa_simple_new(
        None, b"Watchroom", _PLAYBACK, None, b"horn", ctypes.byref(spec), None, None, ctypes.byref(error)
    )

    def said(what: str) -> NoSound:
        return NoSound(f"{what}: {pulse.pa_strerror(error).decode(errors='replace')} (PulseAudio)")

    if not stream:
        raise said("there is no sound device")
    handle, failed = ctypes.c_void_p(stream), ctypes.byref(error)
    try:
        for part in _parts(samples):
            if is_over():
                simple.pa_simple_flush(handle, failed)
                return
            if simple.pa_simple_write(handle, part, ctypes.c_size_t(len(part)), failed) < 0:
                raise said("the sound device fails")
        if samples is not None and simple.pa_simple_drain(handle, failed) < 0:
            raise said("the sound device fails")
    finally:
        simple.pa_simple_free(handle)


def _alsa(samples: Samples | None, is_over: IsOver) -> None:
    alsa = _library("libasound.so.2")
    if alsa is None:
        raise NoSound(f"none of the sound libraries is installed: {NEEDS}")
    alsa.snd_strerror.restype, alsa.snd_pcm_writei.restype = ctypes.c_char_p, ctypes.c_long
    alsa.snd_lib_error_set_handler(_quiet)
    device = ctypes.c_void_p()

    def done(what: str, code: int) -> None:
        if code < 0:
            raise NoSound(f"{what}: {alsa.snd_strerror(code).decode(errors='replace')} (ALSA)")

    done("there is no sound device", alsa.snd_pcm_open(ctypes.byref(device), b"default", 0, 0))
    try:
        wanted = (_S16_LE_ALSA, _INTERLEAVED, 1, RATE, 1, LATENCY_US)
        done("the sound device refuses", alsa.snd_pcm_set_params(device, *wanted))
        for part in _parts(samples):
            if is_over():
                alsa.snd_pcm_drop(device)
                return
            _alsa_write(alsa, device, part, done)
        if samples is not None:
            done("the sound device fails", alsa.snd_pcm_drain(device))
    finally:
        alsa.snd_pcm_close(device)


def _alsa_write(alsa: Any, device: ctypes.c_void_p, part: bytes, done: Callable[[str, int], None]) -> None:
    at, is_again = 0, False
    while at < len(part):
        wrote = alsa.snd_pcm_writei(device, part[at:], ctypes.c_ulong((len(part) - at) // 2))
        if wrote > 0:
            at, is_again = at + wrote * 2, False
            continue
        # Once, after an underrun or a suspend; a device that was pulled out refuses again.
        code = int(wrote) or -5
        done("the sound device fails", code if is_again else alsa.snd_pcm_recover(device, code, 1))
        is_again = True


def _parts(samples: Samples | None) -> list[bytes]:
    data = b"" if samples is None else samples.tobytes()
    return [data[at : at + CHUNK * 2] for at in range(0, len(data), CHUNK * 2)]


def _go(samples: Samples | None, is_over: IsOver) -> None:
    _look_for_cards()
    if _library("libpulse-simple.so.0") is not None:
        try:
            return _pulse(samples, is_over)
        except NoSound as of_pulse:
            if _library("libasound.so.2") is None:
                raise
            try:
                return _alsa(samples, is_over)
            except NoSound:
                raise of_pulse from None
    return _alsa(samples, is_over)


def _look_for_cards() -> None:
    """Without a card PulseAudio plays to nobody and calls that well (its dummy output)."""
    if os.environ.get("PULSE_SERVER") or os.environ.get("ALSA_CONFIG_PATH"):
        return  # the sound goes elsewhere, on purpose
    try:
        outputs = CARDS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # a kernel without that list: the libraries say what there is
    if "playback" not in outputs:
        raise NoSound("there is no sound device: no card of this computer has an output")


OUTPUT = Output(_go, lambda: _go(None, lambda: False))

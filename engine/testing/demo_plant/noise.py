"""Randomness as a pure function of seed, channel and time: no memory, so any time can be asked for alone."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

GRAIN_S = 0.1
"""Noise is another one this often."""
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SCALE: float = (4 * (2.0**32 - 1) / 12) ** -0.5
"""The sum of four uniform 16-bit numbers has this inverse standard deviation."""
_MEAN = 2.0 * 65535


def mixed(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter numbers over 64 bits: the finalizer of SplitMix64 (Steele, Lea, Flood, 2014)."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


@functools.lru_cache(maxsize=256)
def channels(seed: int, first: int, count: int) -> NDArray[np.uint64]:
    """Keys of ``count`` channels that have nothing to do with each other."""
    keys = mixed(np.arange(first, first + count, dtype=np.uint64) * _ODD + np.uint64(seed))
    keys.flags.writeable = False  # shared by all who ask
    return keys


def scatter(keys: NDArray[np.uint64], index: NDArray[np.integer]) -> NDArray[np.uint64]:
    """A random number for each pair of key and index, broadcast against each other."""
    return mixed(keys + index.astype(np.int64).view(np.uint64) * _ODD)


def normal(keys: NDArray[np.uint64], index: NDArray[np.integer]) -> NDArray[np.float64]:
    """About normal numbers, mean 0, deviation 1, within +-3.47, for each pair of key and index."""
    bits, low = scatter(keys, index), np.uint64(0xFFFF)
    total = (bits & low) + ((bits >> np.uint64(16)) & low)
    total += ((bits >> np.uint64(32)) & low) + (bits >> np.uint64(48))
    return (total.astype(np.float64) - _MEAN) * _SCALE


def uniform(keys: NDArray[np.uint64], index: NDArray[np.integer]) -> NDArray[np.float64]:
    """Numbers from 0 to below 1 for each pair of key and index."""
    return (scatter(keys, index) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def grains(time: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which grain of noise each time lies in."""
    return np.floor(time / GRAIN_S).astype(np.int64)


def wander(keys: NDArray[np.uint64], time: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[k, n]: slow drift of each channel, within +-1, periods of 10 minutes to 3 hours."""
    first = uniform(keys, np.array(1))
    second = uniform(keys, np.array(2))
    fast = np.multiply.outer(time, 2 * np.pi / (600 + 1200 * first)) + 2 * np.pi * second
    slow = np.multiply.outer(time, 2 * np.pi / (3600 + 7200 * second)) + 2 * np.pi * first
    return 0.5 * np.sin(fast) + 0.5 * np.sin(slow)

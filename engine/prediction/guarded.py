"""The process that runs one unsigned model: ``python -m engine.prediction.guarded``, over stdin and stdout.

Frames both ways: u32 little-endian length, then the body. In: where the model is from, its card as JSON, the
model. Then features as u32 rows, u32 columns and float32; 0 rows = are you there. Out: one letter and its
rest, "+" with u32 rows, u32 columns and float64, or "-" with a sentence: once when it can take a model, once
when that is loaded, and for all features. It ends when stdin ends.
"""

from __future__ import annotations

import os
import struct
import sys
from typing import IO

from engine.prediction import limits

LENGTH = struct.Struct("<I")
SHAPE = struct.Struct("<II")
FRAME_BYTES = 80 * 1024**2
GOOD, NO, NONE = b"+", b"-", SHAPE.pack(0, 0)


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next body, or None at the end of the stream, also in the middle of a frame."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    if size > FRAME_BYTES:
        return None
    body = stream.read(size)
    return body if len(body) == size else None


def write_frame(stream: IO[bytes], *parts: bytes) -> None:
    """Write one body made of ``parts``."""
    stream.write(LENGTH.pack(sum(map(len, parts))))
    for part in parts:
        stream.write(part)
    stream.flush()


def main() -> int:
    """Load the model that comes first, then answer until there is nothing more to answer."""
    limits.leave_network()
    given, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the frames
    import numpy as np

    from engine.prediction.package import PackageRefused, check, load
    from engine.prediction.session import runtime
    from engine.typed import from_json
    from engine.types import ModelCard

    # All code is loaded before the limits: it cannot be found after them.
    runtime()
    np.array([0.5, np.nan], np.float32).reshape(-1, 2).astype(np.float64).mean()
    limits.restrict()
    write_frame(answers, GOOD, NONE)
    where, card, model = read_frame(given), read_frame(given), read_frame(given)
    if where is None or card is None or model is None:
        return 1
    limits.allow_cpu()
    try:
        package = load(check(from_json(card, ModelCard), model, where.decode()))
    except PackageRefused as error:
        write_frame(answers, NO, str(error).encode())
        return 1
    write_frame(answers, GOOD, NONE)
    while (asked := read_frame(given)) is not None:
        limits.allow_cpu()
        rows, columns = SHAPE.unpack_from(asked)
        features = np.frombuffer(asked, np.float32, offset=SHAPE.size).reshape(rows, columns)
        try:
            answer = package.run(features) if rows else np.empty((0, 0))
        except Exception as error:  # whatever it is, the engine is told and asks again or gives it up
            write_frame(answers, NO, " ".join(str(error).split())[:300].encode())
            continue
        write_frame(answers, GOOD, SHAPE.pack(*answer.shape), np.ascontiguousarray(answer).tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())

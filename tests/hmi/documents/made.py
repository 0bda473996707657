"""Documents made for tests, and waiting for what a reader answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hmi.documents import Answer, Reader, Request

WAIT_S = 20.0


def pdf(pages: Sequence[str], extra: bytes = b"", box: str = "0 0 600 800") -> bytes:
    """A PDF by hand: a line of text a page. ``extra`` goes into its trailer."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for at, text in enumerate(pages):
        drawn = f"BT /F1 24 Tf 100 700 Td ({text}) Tj ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {5 + 2 * at} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
    made, places = b"%PDF-1.7\n", list[int]()
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return made + head + table + trailer % (len(objects) + 1, extra, len(made))


LOCKED = (
    b"/ID [<0011223344556677> <0011223344556677>] /Encrypt << /Filter /Standard"
    b" /V 1 /R 2 /Length 40 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >>"
)
"""Encrypted with a password that nobody knows."""


def put(folder: Path, name: str, content: bytes) -> str:
    """A file below ``documents/`` of a project; gives its name there."""
    file = folder / "documents" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return name


def until(is_so: Callable[[], object], what: str) -> None:
    """Wait for a condition, looking often."""
    ends = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < ends, what
        time.sleep(0.002)


def ask(reader: Reader, request: Request) -> Answer:
    """What a reader answers, waited for."""
    reader.want([request])

    def is_there() -> bool:
        reader.look()
        return reader.answer(request) is not None

    until(is_there, f"no answer to {request}")
    answer = reader.answer(request)
    assert answer is not None
    return answer

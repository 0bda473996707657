"""The one place that sends HTTP requests: a body to a URL, within a time, and what comes back."""

from __future__ import annotations

import time

import msgspec
import requests
from urllib3.exceptions import HTTPError

CONNECT_S, READ_S, WHOLE_S = 5.0, 10.0, 20.0
PIECE = 16 * 1024


class NoAnswer(Exception):
    """No answer came, or none to work with; the text says why."""


class HttpAnswer(msgspec.Struct, frozen=True):
    """Status, content type without its parameters, content."""

    status: int
    kind: str
    content: bytes


def post(url: str, body: bytes, kind: str, most_bytes: int) -> HttpAnswer:
    """Send a body and wait for the answer, `WHOLE_S` at most. Blocks; not in the loop.

    Raises:
        NoAnswer: there was none in time, it was longer than ``most_bytes``, or it leads elsewhere.
    """
    end = time.monotonic() + WHOLE_S
    headers = {"Content-Type": kind, "User-Agent": "watchroom"}
    try:
        with requests.post(
            url, body, headers=headers, timeout=(CONNECT_S, READ_S), stream=True, allow_redirects=False
        ) as answer:
            content = b""
            # Not iter_content: it waits for a whole piece, so a byte now and then would hold us for hours.
            while piece := answer.raw.read1(PIECE, decode_content=True):
                content += piece
                if len(content) > most_bytes:
                    raise NoAnswer(f"{url} answered more than {most_bytes} bytes")
                if time.monotonic() > end:
                    raise NoAnswer(f"{url} did not end its answer within {WHOLE_S:.0f} s")
            told = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return HttpAnswer(answer.status_code, told, content)
    except (requests.RequestException, HTTPError, OSError) as error:
        raise NoAnswer(f"{url} does not answer: {_short(error)}") from error


def _short(error: Exception) -> str:
    """The innermost cause: what requests and urllib3 say around it means nothing to a person."""
    found: BaseException = error
    while found.__cause__ is not None or found.__context__ is not None:
        found = found.__cause__ or found.__context__ or found
    return str(found) or type(found).__name__

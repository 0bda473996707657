"""Putting the certificates of a time stamp in the order that DER wants: many authorities do not.

OpenSSL writes the certificates of a token in the order of the chain, and rfc3161-client refuses a set that is
not sorted (X.690 section 11.6). They are no part of what is signed, so their order means nothing.
"""

from __future__ import annotations

from typing import NamedTuple

CERTIFICATES = 0xA0
"""Tag of the certificates in SignedData (RFC 5652 section 5.1)."""


class _Part(NamedTuple):
    tag: int
    start: int
    body: int
    end: int


def with_sorted_certificates(reply: bytes) -> bytes:
    """A TimeStampResp with its certificates sorted; what has another form comes back as it is."""
    try:
        answer = _parts(reply, 0, len(reply))[0]
        token = _parts(reply, answer.body, answer.end)[1]
        content = _parts(reply, token.body, token.end)[1]
        signed = _parts(reply, content.body, content.end)[0]
        fields = _parts(reply, signed.body, signed.end)
        found = next(each for each in fields if each.tag == CERTIFICATES)
        certificates = sorted(reply[each.start : each.end] for each in _parts(reply, found.body, found.end))
    except (IndexError, StopIteration):
        return reply
    return reply[: found.body] + b"".join(certificates) + reply[found.end :]


def _parts(der: bytes, at: int, end: int) -> list[_Part]:
    """The elements between two places.

    Raises:
        IndexError: they do not fill it.
    """
    found = list[_Part]()
    while at < end:
        length, body = der[at + 1], at + 2
        if length & 0x80:
            body += length & 0x7F
            length = int.from_bytes(der[at + 2 : body], "big")
        if body + length > end:
            raise IndexError
        found.append(_Part(der[at], at, body, body + length))
        at = body + length
    return found

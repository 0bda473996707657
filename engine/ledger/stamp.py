"""Time stamps of RFC 3161: an authority outside says that a checkpoint was there at a time.

The one place that uses rfc3161-client, which has no network of its own. What is stamped are the bytes of the
checkpoint as the ledger signed it, hashed with SHA-256.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)

from engine.ledger.der import with_sorted_certificates
from engine.ledger.errors import ProofRefused

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"
"""Content types of RFC 3161 section 3.4."""
SLACK_US = 300_000_000
"""So much the clock of a station may be ahead of that of the authority."""
INTEGER = 0x02
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stamp(msgspec.Struct, frozen=True):
    """What an authority says: when it saw the checkpoint, and the name in its certificate."""

    time_us: int
    by: str


def query(note: str) -> bytes:
    """A request for a time stamp over a checkpoint, with a nonce of its own (DER of TimeStampReq)."""
    builder = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return builder.build().as_bytes()


def read_authorities(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file.

    Raises:
        ProofRefused: there are none.
    """
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise ProofRefused(f"there are no certificates in PEM form: {error}") from error


def checked(
    note: str, asked: bytes, reply: bytes, authorities: list[x509.Certificate], least_us: int = 0
) -> Stamp:
    """What the authority answered to the request ``asked``, once everything about it is found right.

    ``least_us`` = when the newest entry under the checkpoint was made: a stamp cannot be older.

    Raises:
        ProofRefused: signature, chain up to ``authorities``, nonce, hash or time is wrong.
    """
    nonce = _nonce(note, asked)
    try:
        answer = decode_timestamp_response(with_sorted_certificates(reply))
        if answer.status != PKIStatus.GRANTED:
            said = "; ".join(answer.status_string) or PKIStatus(answer.status).name.lower()
            raise ProofRefused(f"the authority did not stamp the checkpoint: {said}")
        verifier = VerifierBuilder(roots=authorities, nonce=nonce).build()
        verifier.verify_message(answer, note.encode())
        made, by = answer.tst_info.gen_time.astimezone(UTC), _signer(answer)
    except ProofRefused:
        raise
    except Exception as error:  # a certificate can hold anything, and each fault of it has its own error
        text = f"this is no time stamp of the checkpoint that can be trusted: {error}"
        raise ProofRefused(text) from error
    time_us = (made - _EPOCH) // timedelta(microseconds=1)
    if time_us < least_us - SLACK_US:
        raise ProofRefused(
            f"the time stamp says {made:%Y-%m-%d %H:%M:%S} UTC, before the newest entry under the checkpoint "
            "was made: the clock of this station or of the authority was wrong"
        )
    return Stamp(time_us, by)


def _nonce(note: str, asked: bytes) -> int:
    """The nonce of a request that we made: it follows the hash, as a DER integer."""
    _, found, after = asked.partition(hashlib.sha256(note.encode()).digest())
    if not found or len(after) < 2 or after[0] != INTEGER or len(after) < 2 + after[1]:
        raise ProofRefused("the request for this time stamp is not one for this checkpoint")
    return int.from_bytes(after[2 : 2 + after[1]], "big")


def _signer(answer: TimeStampResponse) -> str:
    signers = {(each.issuer, each.serial_number) for each in answer.signed_data.signer_infos}
    for content in answer.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(content)
        if (certificate.issuer, certificate.serial_number) in signers:
            names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return str(names[0].value) if names else certificate.subject.rfc4514_string()
    return ""

"""asyncua's and the system's errors as one of our two failures, in a plain sentence."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from asyncua import ua

from engine.drivers.driver import NotReady, Refused

_UNTRUSTED = frozenset(
    (
        ua.StatusCodes.BadSecurityChecksFailed,
        ua.StatusCodes.BadCertificateUntrusted,
        ua.StatusCodes.BadCertificateInvalid,
        ua.StatusCodes.BadCertificateUriInvalid,
        ua.StatusCodes.BadCertificateTimeInvalid,
        ua.StatusCodes.BadCertificateUseNotAllowed,
        ua.StatusCodes.BadCertificateHostNameInvalid,
        ua.StatusCodes.BadCertificateChainIncomplete,
        ua.StatusCodes.BadCertificateRevoked,
        ua.StatusCodes.BadCertificateIssuerRevoked,
    )
)
_NO_LOGIN = frozenset(
    (
        ua.StatusCodes.BadIdentityTokenInvalid,
        ua.StatusCodes.BadIdentityTokenRejected,
        ua.StatusCodes.BadUserAccessDenied,
        ua.StatusCodes.BadUserSignatureInvalid,
    )
)


def explained(error: BaseException, where: str, certificate: Path | None) -> NotReady | Refused:
    """What an error of the link to ``where`` ("host:port") means for a person.

    ``certificate`` is our own certificate file when the link is secured, else None.
    """
    if isinstance(error, NotReady | Refused):
        return error
    if isinstance(error, ua.UaStatusCodeError):
        return _status_code(error, where, certificate)
    if isinstance(error, TimeoutError):
        return NotReady(f"no answer from {where} in time: is the address right and the device on?")
    if isinstance(error, socket.gaierror):
        return NotReady(f"the host name of {where} is not known ({error.strerror}): check it in plant.toml")
    if isinstance(error, ConnectionRefusedError):
        return NotReady(f"{where} refused the connection: is the OPC UA server running on that port?")
    if isinstance(error, OSError):
        return _link_broken(error, where, certificate)
    return NotReady(f"{where} answered in a way we do not understand ({type(error).__name__}: {error})")


def _status_code(error: ua.UaStatusCodeError, where: str, certificate: Path | None) -> NotReady | Refused:
    name = status_name(error.code)
    if certificate is not None and error.code in _UNTRUSTED:
        return Refused(
            f"{where} does not accept our certificate ({name}): import {certificate} at the server as a "
            "trusted client; check its clock too"
        )
    if error.code in _NO_LOGIN:
        return Refused(f"{where} does not let us in without a user ({name}): allow anonymous reading there")
    return NotReady(f"{where} answered {name}")


def _link_broken(error: OSError, where: str, certificate: Path | None) -> NotReady:
    text = f"the connection to {where} broke ({error.strerror or error})"
    if certificate is not None:
        text += (
            f"; a server that does not trust us may close it without a word: our certificate is {certificate}"
        )
    return NotReady(text)


def status_name(code: int) -> str:
    """The standard's name of a StatusCode, like ``BadTimeout``."""
    make: Any = ua.StatusCode
    return str(make(code).name)

"""asyncua's and the system's errors as one of our two failures: what happened, and what to do."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from asyncua import ua

from engine.drivers.driver import NotReady, Refused

Stage = Literal["dialling", "securing", "entering", "open"]
_C = ua.StatusCodes

TOO_BIG = frozenset(
    (
        _C.BadTooManyOperations,
        _C.BadRequestTooLarge,
        _C.BadResponseTooLarge,
        _C.BadTcpMessageTooLarge,
        _C.BadEncodingLimitsExceeded,
    )
)
"""The request or its answer was too big: half of it may pass."""
_UNTRUSTED = frozenset(
    (
        _C.BadSecurityChecksFailed,
        _C.BadCertificateUntrusted,
        _C.BadCertificateInvalid,
        _C.BadCertificateUriInvalid,
        _C.BadCertificateTimeInvalid,
        _C.BadCertificateUseNotAllowed,
        _C.BadCertificateHostNameInvalid,
        _C.BadCertificateChainIncomplete,
        _C.BadCertificateRevoked,
        _C.BadCertificateIssuerRevoked,
    )
)
_NO_LOGIN = frozenset(
    (
        _C.BadIdentityTokenInvalid,
        _C.BadIdentityTokenRejected,
        _C.BadUserAccessDenied,
        _C.BadUserSignatureInvalid,
    )
)
NOT_AGAIN = (
    "it is not sent again by itself, so that the account is not locked: set the right password on the "
    "source's page of the System display (Password…), or put it right at the server and press Try now there"
)
_WAIT = "nothing, it is asked again by itself; if it stays so, look at the server"
_FEWER = "close another client of this server, or raise the limit there"
_BUSY: dict[int, tuple[str, str]] = {
    _C.BadTooManySessions: (
        "has no session left for us",
        f"{_FEWER}; a client that went away without closing its session frees it only after its timeout",
    ),
    _C.BadMaxConnectionsReached: ("has no connection left for us", _FEWER),
    _C.BadTooManySubscriptions: ("has no subscription left for us", _FEWER),
    _C.BadTooManyPublishRequests: ("takes no request for new values from us", _FEWER),
    _C.BadServerHalted: ("has stopped its OPC UA service", "start the service at the server"),
    _C.BadShutdown: ("is shutting down", _WAIT),
    _C.BadOutOfMemory: ("has no memory left", "lower the load on the server, or restart it"),
    _C.BadResourceUnavailable: ("has no resources left for us", "lower the load on the server"),
    _C.BadTcpNotEnoughResources: ("has no resources left for us", "lower the load on the server"),
    _C.BadTcpServerTooBusy: ("is too busy", "lower the load on the server"),
    _C.BadServerTooBusy: ("is too busy", "lower the load on the server"),
    _C.BadLicenseExpired: ("has an expired licence", "renew the licence of the server"),
    _C.BadLicenseLimitsExceeded: ("has reached the limit of its licence", "extend the licence of the server"),
}
UNANSWERED = frozenset(
    (
        _C.BadTimeout,
        _C.BadRequestTimeout,
        _C.BadCommunicationError,
        _C.BadConnectionClosed,
        _C.BadSecureChannelClosed,
        _C.BadRequestInterrupted,
        _C.BadRequestCancelledByClient,
        _C.BadRequestCancelledByRequest,
        _C.BadUnexpectedError,
        _C.BadInternalError,
        _C.BadShutdown,
        _C.BadResponseTooLarge,
        _C.BadDecodingError,
        _C.BadUnknownResponse,
    )
)
"""After these nobody knows whether what was asked for was done."""
SESSION_LOST = frozenset(
    (
        _C.BadSessionIdInvalid,
        _C.BadSessionClosed,
        _C.BadSessionNotActivated,
        _C.BadSecureChannelIdInvalid,
        _C.BadSecureChannelClosed,
        _C.BadSecureChannelTokenUnknown,
    )
)
"""The session is gone: a new one is needed."""
_SUBSCRIPTION_LOST = frozenset((_C.BadNoSubscription, _C.BadSubscriptionIdInvalid))


@dataclass(slots=True, eq=False)
class Place:
    """Where a failure happened: the server as "host:port", the source's id, our own certificate file
    if the link is secured, how far the connection is, whether the server once let us in so, and as whom.
    """

    where: str
    source: str
    certificate: Path | None = None
    stage: Stage = "dialling"
    before: bool = False
    user: str = ""


def explained(error: BaseException, place: Place) -> NotReady | Refused:
    """What an error of a link means for a person."""
    where = place.where
    if isinstance(error, NotReady | Refused):
        return error
    if isinstance(error, ua.UaStatusCodeError):
        return _status_code(error.code, place)
    if isinstance(error, TimeoutError):
        return NotReady(f"no answer from {where} in time", _alive(place))
    if isinstance(error, socket.gaierror):
        what = f"the host name of {where} is not known ({error.strerror})"
        return NotReady(what, "check the endpoint in plant.toml and this computer's name service")
    if isinstance(error, ConnectionRefusedError):
        return NotReady(
            f"{where} refused the connection",
            "check that the OPC UA server runs and listens on that port, and the firewall in between",
        )
    if isinstance(error, OSError):
        return _broken(error, place)
    return NotReady(
        f"{where} answered in a way we do not understand ({type(error).__name__}: {error})",
        "check that an OPC UA server listens on that port, and look at its log",
    )


def ended(code: int, place: Place) -> NotReady:
    """The server ended a subscription with this StatusCode."""
    return NotReady(
        f"{place.where} ended our subscription ({status_name(code)})",
        "nothing, it is made anew; if it happens often, look at the load of the server and of the network",
    )


def _alive(place: Place) -> str:
    if place.stage == "dialling":
        return "check that the device is on and the address in plant.toml is right"
    return "check that the device runs; if it is only slow, raise timeout_s of the source in plant.toml"


def _status_code(code: int, place: Place) -> NotReady | Refused:
    where, name = place.where, status_name(code)
    if place.certificate is not None and code in _UNTRUSTED:
        return _not_trusted(place, name)
    if code in _NO_LOGIN:
        return _no_login(place, name)
    if code in _BUSY:
        what, do = _BUSY[code]
        return NotReady(f"{where} {what} ({name})", do, busy=True)
    if code in TOO_BIG:
        return NotReady(f"{where} finds our request too big ({name})", "nothing, smaller ones are tried next")
    if code in SESSION_LOST:
        return NotReady(f"{where} no longer knows our session ({name})", _WAIT)
    if code in _SUBSCRIPTION_LOST:
        return NotReady(f"{where} no longer knows our subscriptions ({name})", _WAIT)
    return NotReady(f"{where} answered {name}", "look at the log of the server")


def _no_login(place: Place, name: str) -> Refused:
    if not place.user:
        return Refused(
            f"{place.where} does not let us in without a user ({name})",
            'write user = "…" for the source in plant.toml and set its password, or allow anonymous reading '
            "at the server",
        )
    if place.stage == "open":
        return Refused(
            f"{place.where} does not let user '{place.user}' do that ({name})",
            "give this user the right to browse and read at the server",
        )
    return Refused(f"{place.where} refused the login of user '{place.user}' ({name})", NOT_AGAIN)


def _not_trusted(place: Place, name: str) -> Refused:
    return Refused(
        f"{place.where} does not accept our certificate ({name})",
        f"import our certificate {place.certificate} at the server as a trusted client (the source's page on "
        f'the System display shows it, "watchroom trust DIR {place.source} --own" prints it), and check the '
        "clock of the server",
    )


def _broken(error: OSError, place: Place) -> NotReady | Refused:
    if place.stage == "securing" and place.certificate is not None and not place.before:
        return _not_trusted(place, "it closes the connection without a word")
    what = f"the connection to {place.where} broke ({error.strerror or error})"
    return NotReady(what, "check the device, its power and the network")


def status_name(code: int) -> str:
    """The standard's name of a StatusCode, like ``BadTimeout``."""
    make: Any = ua.StatusCode
    return str(make(code).name)

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from asyncua import ua

from engine.drivers.driver import NotReady, Refused
from engine.drivers.opcua.failures import Place, Stage, explained

OWN = Path("/pki/own/watchroom.der")
WHERE = "plc:4840"


def place(stage: Stage = "open", certificate: Path | None = OWN, before: bool = False) -> Place:
    return Place(WHERE, "press", certificate, stage, before)


@pytest.mark.parametrize(
    "name",
    ["BadTooManySessions", "BadServerHalted", "BadResourceUnavailable", "BadShutdown", "BadOutOfMemory"],
)
def test_server_that_says_not_now_is_busy(name: str) -> None:
    failure = explained(ua.UaStatusCodeError(getattr(ua.StatusCodes, name)), place())
    assert isinstance(failure, NotReady) and failure.busy
    assert WHERE in failure.what and name in failure.what and failure.do


@pytest.mark.parametrize("name", ["BadSecurityChecksFailed", "BadCertificateUntrusted"])
def test_server_that_does_not_trust_us_names_the_file_to_import(name: str) -> None:
    failure = explained(ua.UaStatusCodeError(getattr(ua.StatusCodes, name)), place())
    assert isinstance(failure, Refused)
    assert str(OWN) in failure.do and "watchroom trust DIR press --own" in failure.do


def test_server_that_hangs_up_on_our_certificate_without_a_word_does_not_trust_us() -> None:
    failure = explained(ConnectionError("connection lost"), place("securing"))
    assert isinstance(failure, Refused) and str(OWN) in failure.do


@pytest.mark.parametrize(
    "at",
    [place("securing", before=True), place("securing", certificate=None), place("dialling"), place("open")],
)
def test_connection_that_breaks_otherwise_is_tried_again(at: Place) -> None:
    failure = explained(ConnectionError("connection lost"), at)
    assert isinstance(failure, NotReady) and not failure.busy


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        socket.gaierror(-2, "Name or service not known"),
        ConnectionRefusedError(),
        OSError(113, "No route to host"),
        ValueError("nonsense"),
        ua.UaStatusCodeError(ua.StatusCodes.BadSessionIdInvalid),
        ua.UaStatusCodeError(ua.StatusCodes.BadNoSubscription),
        ua.UaStatusCodeError(ua.StatusCodes.BadTooManyOperations),
        ua.UaStatusCodeError(ua.StatusCodes.BadIdentityTokenRejected),
        ua.UaStatusCodeError(ua.StatusCodes.BadInternalError),
    ],
)
@pytest.mark.parametrize("stage", ["dialling", "securing", "open"])
def test_every_failure_names_the_device_and_says_what_to_do(error: Exception, stage: Stage) -> None:
    failure = explained(error, place(stage))
    assert WHERE in failure.what and failure.do
    assert not failure.what.endswith(".") and not failure.do.endswith(".")

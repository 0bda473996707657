"""What must be refused, and what that must not keep out (reliability.md T42)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from engine.drivers.driver import Refused
from engine.drivers.opcua.address import POLICY_ROOT
from engine.drivers.opcua.endpoints import choose
from engine.drivers.opcua.trust import Untrusted, check_server, check_uri, judged_server, pin
from tests.engine.drivers.opcua.certificates import ALL_USES, NOW_US, Made, made, revocations

SOURCE, HOST = "press", "plc"


@pytest.fixture(scope="module")
def ca() -> Made:
    return made("CA", is_ca=True)


@pytest.fixture
def pki(tmp_path: Path, ca: Made) -> Path:
    """Where the CA is trusted for the source and nothing is pinned."""
    pin(tmp_path, SOURCE, ca.der)
    return tmp_path


def shown(pki: Path, *chain: Made, host: str = HOST) -> tuple[str, ...]:
    """The notes on a server that shows this chain; it must be let in."""
    der, judged = judged_server(pki, b"".join(each.der for each in chain), SOURCE, NOW_US, host)
    assert der == chain[0].der
    return judged.notes


def refusal(pki: Path, *chain: Made, host: str = HOST) -> str:
    """Why a server that shows this chain is refused; it must be."""
    with pytest.raises(Refused) as refused:
        judged_server(pki, b"".join(each.der for each in chain), SOURCE, NOW_US, host)
    return str(refused.value)


def test_a_server_whose_ca_is_trusted_is_let_in(pki: Path, ca: Made) -> None:
    revocations(pki, ca)
    assert shown(pki, made("PLC", ca)) == ()
    assert shown(pki, made("PLC", ca), ca) == ()


def test_a_ca_is_trusted_for_its_source_alone(pki: Path, ca: Made) -> None:
    with pytest.raises(Untrusted):
        check_server(pki, made("PLC", ca).der, "oven", NOW_US, HOST)


def test_who_bears_the_name_of_a_trusted_ca_and_not_its_key_vouches_for_nobody(pki: Path) -> None:
    false = Made(made("CA", is_ca=True).certificate, made("other").key)
    assert "not trusted" in refusal(pki, made("PLC", false))
    alike = made("CA2", is_ca=True)
    assert "not trusted" in refusal(pki, made("PLC", alike), alike)


def test_a_pinned_server_vouches_for_no_other(tmp_path: Path) -> None:
    uses = (*ALL_USES, "key_cert_sign")
    plc = made("PLC", uses=uses)
    pin(tmp_path, SOURCE, plc.der)
    shown(tmp_path, plc)
    assert "another certificate" in refusal(tmp_path, made("other", plc))


@pytest.mark.parametrize("is_between_sent", [True, False])
def test_a_chain_is_followed_to_the_trusted_ca_and_not_beyond_a_gap(
    pki: Path, ca: Made, is_between_sent: bool
) -> None:
    between = made("between", ca, is_ca=True)
    plc = made("PLC", between)
    assert "not trusted" in refusal(pki, plc), "what stands between is missing"
    if is_between_sent:
        assert len(shown(pki, plc, between)) == 2, "two CAs without a revocation list"
    else:
        (pki / "issuers").mkdir()
        (pki / "issuers" / "between.der").write_bytes(between.der)
        assert len(shown(pki, plc)) == 2


def test_what_stands_between_must_be_a_ca_as_well(pki: Path, ca: Made) -> None:
    server = made("server", ca, uses=(*ALL_USES, "key_cert_sign"))
    assert "not trusted" in refusal(pki, made("PLC", server), server)
    unable = made("unable", ca, is_ca=True, uses=("digital_signature",))
    assert "not trusted" in refusal(pki, made("PLC", unable), unable)


def test_a_ca_that_may_have_no_ca_below_it_has_none(tmp_path: Path) -> None:
    root = made("root", is_ca=True, path_length=0)
    pin(tmp_path, SOURCE, root.der)
    between = made("between", root, is_ca=True)
    shown(tmp_path, made("PLC", root))
    assert "not trusted" in refusal(tmp_path, made("PLC", between), between)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ends": -0.01}, "has expired"),
        ({"begins": 0.01}, "is not valid yet"),
        ({"bits": 1024}, "1024 bits"),
        ({"is_ec": True}, "no RSA key"),
        ({"uses": ("key_encipherment", "data_encipherment")}, "not made for an OPC UA server"),
        ({"uses": ("digital_signature",)}, "not made for an OPC UA server"),
        ({"extended": (ExtendedKeyUsageOID.CLIENT_AUTH,)}, "not made for an OPC UA server"),
    ],
)
@pytest.mark.parametrize("is_pinned", [True, False])
def test_a_certificate_that_is_wrong_in_one_way_is_refused_pinned_or_by_a_ca(
    pki: Path, ca: Made, wrong: dict[str, Any], said: str, is_pinned: bool
) -> None:
    plc = made("PLC", None if is_pinned else ca, **wrong)
    if is_pinned:
        pin(pki, SOURCE, plc.der)
    assert said in refusal(pki, plc)


def test_what_was_signed_with_sha1_is_refused_pinned_or_by_a_ca(pki: Path, ca: Made) -> None:
    alone = made("PLC", is_sha1=True)
    pin(pki, SOURCE, alone.der)
    assert "signed with SHA-1" in refusal(pki, alone)
    assert "not trusted" in refusal(pki, made("PLC", ca, is_sha1=True)), "such a signature proves nothing"
    between = made("between", ca, is_ca=True, is_sha1=True)
    assert "not trusted" in refusal(pki, made("PLC", between), between)


@pytest.mark.parametrize("missing", [{"uses": None}, {"extended": None}])
def test_uses_that_are_not_said_do_only_where_a_person_pinned_the_certificate(
    pki: Path, ca: Made, missing: dict[str, Any]
) -> None:
    assert "not made for an OPC UA server" in refusal(pki, made("PLC", ca, **missing))
    alone = made("PLC", **missing)
    pin(pki, SOURCE, alone.der)
    shown(pki, alone)


@pytest.mark.parametrize("host", ["other", "plc.example", "127.0.0.2", ""])
def test_a_certificate_of_a_ca_for_another_host_is_refused(pki: Path, ca: Made, host: str) -> None:
    assert "is for another host (it names plc, 127.0.0.1; we dial" in refusal(pki, made("PLC", ca), host=host)
    for right in ("PLC", "plc.", "127.0.0.1"):
        shown(pki, made("PLC", ca), host=right)


def test_a_host_is_no_matter_where_this_very_certificate_was_compared(pki: Path) -> None:
    plc = made("PLC", hosts=(), numbers=())
    pin(pki, SOURCE, plc.der)
    shown(pki, plc, host="10.0.0.7")


def test_a_certificate_for_another_application_is_refused(ca: Made) -> None:
    check_uri(made("PLC", ca).der, "urn:plc", SOURCE)
    with pytest.raises(Refused, match="another application"):
        check_uri(made("PLC", ca).der, "urn:other", SOURCE)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"ends": -0.01}, "has expired"), ({"bits": 1024}, "1024 bits")],
)
@pytest.mark.parametrize("is_between", [True, False])
def test_a_ca_that_is_no_good_any_more_vouches_for_nobody(
    tmp_path: Path, wrong: dict[str, Any], said: str, is_between: bool
) -> None:
    root = made("root", is_ca=True, **({} if is_between else wrong))
    pin(tmp_path, SOURCE, root.der)
    above = (made("between", root, is_ca=True, **wrong),) if is_between else ()
    plc = made("PLC", above[0] if above else root)
    text = refusal(tmp_path, plc, *above)
    assert "CA certificate" in text and said in text


@pytest.mark.parametrize("is_pinned", [True, False])
def test_a_revoked_certificate_is_refused_pinned_or_not(pki: Path, ca: Made, is_pinned: bool) -> None:
    plc, other = made("PLC", ca), made("other", ca)
    if is_pinned:
        pin(pki, SOURCE, plc.der)
    shown(pki, plc)
    revocations(pki, ca, plc)
    assert "was revoked by its CA (list ca.crl)" in refusal(pki, plc)
    assert shown(pki, other) == ()


def test_a_revoked_ca_in_between_takes_all_below_it_along(pki: Path, ca: Made) -> None:
    between = made("between", ca, is_ca=True)
    shown(pki, made("PLC", between), between)
    revocations(pki, ca, between)
    assert "was revoked" in refusal(pki, made("PLC", between), between)


def test_a_pinned_certificate_is_refused_by_the_list_of_a_ca_that_nobody_trusts(
    tmp_path: Path, ca: Made
) -> None:
    plc = made("PLC", ca)
    pin(tmp_path, SOURCE, plc.der)
    assert shown(tmp_path, plc) == ()
    revocations(tmp_path, ca, plc)
    assert "was revoked" in refusal(tmp_path, plc)


def test_a_list_that_another_signed_or_that_cannot_be_read_lets_nobody_in(pki: Path, ca: Made) -> None:
    file = revocations(pki, ca, signed_by=made("other"))
    assert "was not signed by CN=CA" in refusal(pki, made("PLC", ca))
    file.write_bytes(b"not a list")
    assert "cannot be read, so nobody knows what it revokes" in refusal(pki, made("PLC", ca))


def test_a_missing_or_old_list_is_said_and_keeps_nobody_out(pki: Path, ca: Made) -> None:
    assert shown(pki, made("PLC", ca)) == (
        "there is no revocation list of CN=CA: nobody would notice a revoked certificate",
    )
    revocations(pki, ca, ends=-0.5)
    assert shown(pki, made("PLC", ca)) == (
        "the revocation list of CN=CA is out of date: bring the newest one",
    )
    revocations(pki, ca, name="newer.crl")
    assert shown(pki, made("PLC", ca)) == ()


def test_a_list_in_text_form_is_read_too(pki: Path, ca: Made) -> None:
    from cryptography import x509

    plc = made("PLC", ca)
    file = revocations(pki, ca, plc)
    file.write_bytes(x509.load_der_x509_crl(file.read_bytes()).public_bytes(Encoding.PEM))
    assert "was revoked" in refusal(pki, plc)


@pytest.mark.parametrize(
    "nonsense", [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"hello", b"\x30\x03\x02\x01\x05"]
)
def test_nonsense_in_the_place_of_a_certificate_is_refused(pki: Path, ca: Made, nonsense: bytes) -> None:
    with pytest.raises(Refused):
        check_server(pki, nonsense, SOURCE, NOW_US, HOST)
    revocations(pki, ca)
    assert check_server(pki, made("PLC", ca).der + nonsense, SOURCE, NOW_US, HOST)


# ------------------------------------------------------------------------------------ endpoints
def endpoint(policy: str, mode: ua.MessageSecurityMode, *tokens: ua.UserTokenType) -> Any:
    users = [ua.UserTokenPolicy(TokenType=each) for each in tokens or (ua.UserTokenType.Anonymous,)]
    return ua.EndpointDescription(
        EndpointUrl="opc.tcp://plc:4840",
        SecurityMode=mode,
        SecurityPolicyUri=POLICY_ROOT + policy,
        UserIdentityTokens=users,
    )


NONE, SIGN, ENCRYPT = (ua.MessageSecurityMode(each) for each in (1, 2, 3))


@pytest.mark.parametrize("policy", ["Basic128Rsa15", "Basic256", "Basic256Sha256x", ""])
@pytest.mark.parametrize("asked", ["", "Basic256Sha256"])
def test_broken_and_unknown_policies_are_never_used(policy: str, asked: str) -> None:
    with pytest.raises(Refused, match="does not offer"):
        choose([endpoint(policy, ENCRYPT)], asked, "plc:4840")


def test_an_open_endpoint_is_used_only_where_plant_toml_says_so() -> None:
    offered = [endpoint("None", NONE), endpoint("Basic256Sha256", SIGN)]
    for asked in ("", "Basic256Sha256"):
        with pytest.raises(Refused, match="switch security on at the server"):
            choose(offered, asked, "plc:4840")
    assert choose(offered, "none", "plc:4840") is offered[0]


def test_a_signed_link_that_is_not_encrypted_is_not_enough() -> None:
    with pytest.raises(Refused, match="with signing and encryption"):
        choose([endpoint("Aes256_Sha256_RsaPss", SIGN)], "", "plc:4840")


@pytest.mark.parametrize(
    ("asked", "policy", "mode"), [("none", "None", NONE), ("", "Basic256Sha256", ENCRYPT)]
)
def test_a_server_that_wants_a_password_gets_none(asked: str, policy: str, mode: Any) -> None:
    offered = [endpoint(policy, mode, ua.UserTokenType.UserName, ua.UserTokenType.Certificate)]
    with pytest.raises(Refused, match="lets no one in without a user"):
        choose(offered, asked, "plc:4840")

"""Which of a server's endpoints we use: the best security first, and never an open one unasked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from asyncua import ua

from engine.drivers.driver import Refused
from engine.drivers.opcua.address import DEPRECATED, POLICIES, POLICY_ROOT

ENCRYPTED = ua.MessageSecurityMode.SignAndEncrypt
_WITHOUT_SECURITY = 'take security = "none" out of plant.toml, so that the link is encrypted'


def choose(
    endpoints: Sequence[ua.EndpointDescription], security: str, where: str, user: str = ""
) -> ua.EndpointDescription:
    """The endpoint to use for what plant.toml asks; one that lets ``user`` in, "" = anybody.

    Raises:
        Refused: there is none; what to write there.
    """
    reachable = [e for e in endpoints if (e.EndpointUrl or "").startswith("opc.tcp://")]
    encrypted = {_name(e.SecurityPolicyUri): e for e in reachable if e.SecurityMode == ENCRYPTED}
    plain = [e for e in reachable if e.SecurityMode == ua.MessageSecurityMode.None_][:1]
    wanted = POLICIES if security == "" else (security,)
    found = plain if security == "none" else [encrypted[p] for p in wanted if p in encrypted]
    if not found:
        raise _no_endpoint(where, security, sorted(encrypted), bool(plain))
    for each in found:
        if user_token(each) if user else _takes(each, ua.UserTokenType.Anonymous):
            return each
    if user:
        raise no_safe_way(where, found)
    raise Refused(
        f"{where} lets no one in without a user",
        'write user = "…" for this source in plant.toml and set its password, or allow anonymous reading at '
        "the server",
    )


def user_token(endpoint: ua.EndpointDescription) -> ua.UserTokenPolicy | None:
    """How to send a password so that nobody else can read it, best first; None = in no way.

    Over an encrypted link each way will do. Over an open one the password itself must be encrypted, by a
    policy that does not rest on SHA-1 (OPC 10000-4, 7.41: without a policy of its own the endpoint's holds).
    """
    offered: dict[str, ua.UserTokenPolicy] = {}
    for token in endpoint.UserIdentityTokens or []:
        if token.TokenType == ua.UserTokenType.UserName:
            offered.setdefault(_name(token.SecurityPolicyUri or endpoint.SecurityPolicyUri), token)
    ways = (*POLICIES, "None", *DEPRECATED) if endpoint.SecurityMode == ENCRYPTED else POLICIES
    way = next((each for each in ways if each in offered), None)
    return None if way is None else dataclasses.replace(offered[way], SecurityPolicyUri=POLICY_ROOT + way)


def no_safe_way(where: str, found: Sequence[ua.EndpointDescription]) -> Refused:
    """These endpoints do not take a user, or only with a password that others could read."""
    if not any(_takes(each, ua.UserTokenType.UserName) for each in found):
        names = {token.TokenType.name for each in found for token in each.UserIdentityTokens or []}
        return Refused(
            f"{where} takes no user with a password (it takes: {', '.join(sorted(names)) or 'nobody'})",
            "allow users with passwords at the server, or take user out of plant.toml",
        )
    if all(each.SecurityMode == ENCRYPTED for each in found):
        return Refused(
            f"{where} wants the password encrypted in a way we do not know",
            f"switch on one of {', '.join(POLICIES)} for users at the server",
        )
    return Refused(
        f"{where} wants the password over an open link so that others could read it; it was not sent",
        f"{_WITHOUT_SECURITY}, or let the server encrypt passwords with one of {', '.join(POLICIES)}",
    )


def no_certificate(where: str) -> Refused:
    """An open endpoint without the certificate that a password could be encrypted for."""
    return Refused(
        f"{where} shows no certificate, so no password can be encrypted for it; it was not sent",
        _WITHOUT_SECURITY,
    )


def _takes(endpoint: ua.EndpointDescription, kind: ua.UserTokenType) -> bool:
    return any(token.TokenType == kind for token in endpoint.UserIdentityTokens or [])


def _name(policy_uri: str | None) -> str:
    return (policy_uri or "").removeprefix(POLICY_ROOT)


def _no_endpoint(where: str, security: str, encrypted: Sequence[str], has_plain: bool) -> Refused:
    offers = ", ".join([*encrypted, *(["none"] if has_plain else [])]) or "nothing"
    if security == "none":
        return Refused(
            f"{where} refuses open connections (it offers {offers})",
            'take security = "none" out of plant.toml',
        )
    asked = f"security '{security}'" if security else "a security policy we accept"
    what = f"{where} does not offer {asked} with signing and encryption (it offers {offers})"
    if encrypted and security:
        return Refused(what, "leave security out of plant.toml for the best it has")
    if has_plain:
        openly = 'write security = "none" in plant.toml to read openly'
        return Refused(what, f"switch security on at the server, or {openly}")
    return Refused(what, f"switch on one of {', '.join(POLICIES)} at the server")

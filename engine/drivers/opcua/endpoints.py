"""Which of a server's endpoints we use: the best security first, and never an open one unasked."""

from __future__ import annotations

from collections.abc import Sequence

from asyncua import ua

from engine.drivers.driver import Refused
from engine.drivers.opcua.address import POLICIES, POLICY_ROOT


def choose(endpoints: Sequence[ua.EndpointDescription], security: str, where: str) -> ua.EndpointDescription:
    """The endpoint to use for what plant.toml asks. Raises ``Refused`` with what to write there."""
    reachable = [e for e in endpoints if (e.EndpointUrl or "").startswith("opc.tcp://")]
    encrypted = {
        str(e.SecurityPolicyUri).removeprefix(POLICY_ROOT): e
        for e in reachable
        if e.SecurityMode == ua.MessageSecurityMode.SignAndEncrypt
    }
    plain = next((e for e in reachable if e.SecurityMode == ua.MessageSecurityMode.None_), None)
    wanted = POLICIES if security == "" else (security,)
    found = plain if security == "none" else next((encrypted[p] for p in wanted if p in encrypted), None)
    if found is None:
        raise _no_endpoint(where, security, sorted(encrypted), plain is not None)
    if not any(token.TokenType == ua.UserTokenType.Anonymous for token in found.UserIdentityTokens or []):
        raise Refused(f"{where} lets no one in without a user", "allow anonymous reading at the server")
    return found


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

"""Entering a session: as nobody, or as a user whose password only this server can read."""

from __future__ import annotations

from asyncua import Client, ua

from engine.drivers.driver import Context, Refused
from engine.drivers.opcua.endpoints import no_safe_way, user_token
from engine.drivers.opcua.failures import Place, explained


class UserClient(Client):
    """asyncua's client; it sends a password in the way that we chose and not in the first one on offer."""

    token: ua.UserTokenPolicy | None = None

    def server_policy(self, token_type: ua.UserTokenType) -> ua.UserTokenPolicy:
        """What asyncua asks for when it makes a token."""
        if self.token is not None and token_type == ua.UserTokenType.UserName:
            return self.token
        return super().server_policy(token_type)


async def check_login(context: Context) -> None:
    """Refuse before anything is dialled where there is no password, or it must not be sent again."""
    if context.source.user:
        if context.logins is None:
            raise Refused(f"passwords are not kept here, and {context.source.id} needs one", "use the engine")
        await context.logins.check(context.source)


async def log_in(
    client: UserClient, context: Context, place: Place, made: ua.CreateSessionResult, proven: bytes | None
) -> None:
    """Activate the session that was ``made``.

    ``proven`` = the server's certificate (DER) that our own rules let pass, the only one that a password is
    encrypted for. The ways to send it are those that the session's answer names: on an encrypted link nobody
    but the server can have written them.

    Raises:
        Refused: the login was refused, or there is no way to send a password that nobody else can read.
    """
    if not context.source.user or context.logins is None:
        await client.activate_session()
        return
    policy = client.security_policy
    offered = Client.find_endpoint(made.ServerEndpoints, policy.Mode, policy.URI)
    client.token = user_token(offered)
    if client.token is None or proven is None:
        raise no_safe_way(place.where, [offered])
    # On an open link asyncua would encrypt for whatever certificate the session's answer brought.
    policy.peer_certificate = proven
    async with context.logins.used(context.source) as login:
        try:
            await client.activate_session(login.user, login.password)
        except Exception as error:
            raise explained(error, place) from error

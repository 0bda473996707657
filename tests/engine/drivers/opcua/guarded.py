"""A real OPC UA server that lets nobody in without a user, in its own process; it counts every try.

Orders come as those of `tests.engine.drivers.opcua.server`: ``begin`` forgets all before and says how
passwords must come, ``password`` sets the one of a user, ``tries`` tells all log-ins so far, ``rude`` lets it
hang up on a wrong password instead of saying so, ``drop`` cuts all connections.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole

from tests.engine.drivers.opcua.server import URI, secure

POLICY = "http://opcfoundation.org/UA/SecurityPolicy#"
SECURED = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")


class Guard:
    """Who may come in, and who tried."""

    def __init__(self, server: Server) -> None:
        self.passwords: dict[str, str] = {}
        self.tries: list[dict[str, Any]] = []
        self.is_rude = False
        self._server, self._algorithm = server, ""
        self._flips, self._told_count = False, 0
        self._endpoints: Sequence[Any] = ()
        self._get_endpoints = server.iserver.get_endpoints
        self._decrypt = server.iserver.decrypt_user_token
        server.iserver.decrypt_user_token = self._seen  # type: ignore[method-assign]
        server.iserver.get_endpoints = self._told  # type: ignore[method-assign]

    def _seen(self, session: Any, token: Any) -> tuple[str, str]:
        self._algorithm = (token.EncryptionAlgorithm or "").rpartition("/")[2]
        return self._decrypt(session, token)

    async def _told(self, *asked: Any, **more: Any) -> Any:
        """The endpoints; from the second answer on with passwords in the clear, if it is to flip."""
        told = copy.deepcopy(await self._get_endpoints(*asked, **more))
        self._told_count += 1
        if self._flips and self._told_count > 1:
            want(told, "None")
        return told

    def get_user(
        self, iserver: Any, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        """What asyncua asks of whoever comes."""
        known = username is not None and self.passwords.get(username) == password
        self.tries.append({"user": username, "ok": known, "algorithm": self._algorithm})
        if not known and self.is_rude:
            self._cut()
        return User(role=UserRole.Admin, name=username) if known else None

    def _cut(self) -> None:
        assert self._server.bserver is not None
        for protocol in list(self._server.bserver.clients):
            if protocol.transport is not None:
                protocol.transport.abort()

    async def do(self, order: dict[str, Any]) -> dict[str, Any]:
        match order["do"]:
            case "begin":
                self._begin(order)
            case "password":
                self.passwords[order["user"]] = order["password"]
            case "rude":
                self.is_rude = True
            case "drop":
                self._cut()
            case _:
                return {"tries": self.tries}
        return {}

    def _begin(self, order: dict[str, Any]) -> None:
        endpoints = self._server.iserver.endpoints
        if not self._endpoints:
            self._endpoints = copy.deepcopy(endpoints)
        endpoints[:] = copy.deepcopy(self._endpoints)
        self.tries, self.is_rude = [], False
        self._flips, self._told_count = bool(order.get("flips")), 0
        if order.get("token"):
            want(endpoints, order["token"])
        if order.get("anonymous"):
            for endpoint in endpoints:
                endpoint.UserIdentityTokens[:] = [ua.UserTokenPolicy("a", ua.UserTokenType.Anonymous)]


def want(endpoints: Sequence[Any], policy: str) -> None:
    """Passwords must come encrypted by this policy."""
    for endpoint in endpoints:
        for token in endpoint.UserIdentityTokens:
            token.SecurityPolicyUri = POLICY + policy


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pki", default="", help="without it there is only an open link")
    asked = parser.parse_args()
    server = Server()
    await server.init()
    guard = Guard(server)
    server.iserver.user_manager = guard  # type: ignore[assignment]
    server.set_endpoint("opc.tcp://127.0.0.1:0/test")
    await server.set_application_uri(URI)
    policies = [ua.SecurityPolicyType.NoSecurity]
    if asked.pki:
        await secure(server, Path(asked.pki), "")
        policies += [ua.SecurityPolicyType[f"{each}_SignAndEncrypt"] for each in SECURED]
    server.set_security_policy(policies)
    server.set_identity_tokens([ua.UserNameIdentityToken])
    space = await server.register_namespace("urn:test:a")
    node = await server.nodes.objects.add_variable(
        ua.NodeId("T", space), ua.QualifiedName("T", space), ua.Variant(1.5, ua.VariantType.Double)
    )
    await node.set_writable()
    await server.start()
    assert server.bserver is not None
    print(json.dumps({"port": server.bserver.port}), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        print(json.dumps({"done": order["do"], **await guard.do(order)}), flush=True)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())

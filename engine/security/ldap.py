"""A company's directory over LDAP (RFC 4511): a person's own password is tried, groups give the roles.

No account of ours is in it, so there is no secret to keep. The link is encrypted and the certificate of the
directory checked, except on this machine itself. A person is known by a distinguished name or, as in Active
Directory, by name@domain (userPrincipalName).
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
import ssl
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

from engine.security.directory import DirectoryPerson
from engine.security.errors import DirectoryAbsent
from engine.types.people import LdapSettings, Role, RoleAt

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # old names of pyasn1, which it uses on import
    import ldap3

OK, NO_SUCH_OBJECT, INVALID_CREDENTIALS, UNWILLING = 0, 32, 49, 53
"""Result codes, RFC 4511 appendix A. "Unwilling" to a bind = the account is locked or switched off."""
LOCKED = ("data 533", "data 701", "data 775")
"""What Active Directory adds to invalid credentials: disabled, expired, locked."""
DISABLED_BIT = 2
"""ADS_UF_ACCOUNTDISABLE of userAccountControl."""
AT_ONCE = 4
"""Checks that wait for the directory at the same time; others wait their turn within their own time."""
DEEPEST, MOST_GROUPS, NAMED_AT_ONCE = 10, 1000, 50
"""Groups within groups: how deep, how many of one person, and how many are asked about in one search."""
UPN = "userPrincipalName"
NO_UPN = frozenset('@,=+<>;:/\\"|[]*?')
"""What no name before the @ holds."""
STATE = ("userAccountControl", "nsAccountLock", "loginDisabled")
NAMES = ("displayName", "cn")
LITERAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
MARK = "\\"
"""Before the hex digits of a sign that would have a meaning."""
ldap: Any = ldap3
"""The package ships no types."""


class LdapDirectory:
    """Checks names and passwords with a directory; each check is a connection of its own.

    ``timeout_s`` of the settings is the longest a whole check takes.
    """

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ldap")

    async def check(self, name: str, secret: str) -> DirectoryPerson | None:
        """Who this is, or None: there is no such person, or that is not their password.

        Raises:
            DirectoryAbsent: it does not answer in time, or not in a way that can be trusted.
        """
        if not name.strip() or not secret or "\0" in secret:
            return None  # a bind without a password succeeds at many servers, as nobody (RFC 4513 5.1.2)
        asking = _Asking(self._settings, name.strip(), secret)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await loop.run_in_executor(self._threads, asking.run)
        except TimeoutError:
            raise DirectoryAbsent(
                f"no answer from {self._settings.url} within {self._settings.timeout_s:g} s"
            ) from None
        finally:
            asking.abort()

    def close(self) -> None:
        """Nothing is asked any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Asking:
    """One check, in a thread. ``abort`` from any other ends it soon."""

    def __init__(self, settings: LdapSettings, name: str, secret: str) -> None:
        self._settings, self._name, self._secret = settings, name, secret
        self._is_upn = is_upn(settings.person)
        self._dn = settings.person.replace("{name}", name if self._is_upn else escaped(name, MARK))
        self._connection: Any = None
        self._is_over = False

    def abort(self) -> None:
        """Cut the connection: whoever reads from it wakes up with an error."""
        self._is_over = True
        with suppress(Exception):
            self._connection.socket.shutdown(2)

    def run(self) -> DirectoryPerson | None:
        """The whole check. Raises DirectoryAbsent."""
        if self._is_over or (self._is_upn and NO_UPN & set(self._name)):
            return None
        try:
            self._connection = connection = _connection(self._settings, self._dn, self._secret)
            connection.open(read_server_info=False)
            if self._settings.start_tls and not connection.server.ssl:
                connection.start_tls(read_server_info=False)
            require_private(self._settings, connection)
            if self._is_over:
                return None
            connection.bind(read_server_info=False)
            return self._answered(connection)
        except DirectoryAbsent:
            raise
        except Exception as error:  # the library stumbles over nonsense in many ways
            raise DirectoryAbsent(_trouble(self._settings.url, error)) from None
        finally:
            self._leave()

    def _leave(self) -> None:
        with suppress(Exception):
            made = self._connection.socket  # the library forgets one that was refused
            self._connection.unbind()
            made.close()

    def _answered(self, connection: Any) -> DirectoryPerson | None:
        code, message = connection.result["result"], str(connection.result["message"])
        if code == UNWILLING or (code == INVALID_CREDENTIALS and any(each in message for each in LOCKED)):
            return DirectoryPerson(self._name, self._name, is_disabled=True)
        if code in (INVALID_CREDENTIALS, NO_SUCH_OBJECT):
            return None
        _require_ok(connection, self._settings.url, "let nobody in")
        own = UPN if self._is_upn else self._dn.partition("=")[0].strip()
        entry = self._own_entry(connection, own)
        full_name = next((entry[key][0] for key in map(str.lower, NAMES) if entry.get(key)), self._name)
        named = entry.get(own.lower()) or [self._name]
        if self._is_upn:
            named = [each.rpartition("@")[0] for each in named]
        # The name as the directory writes it: whoever it takes for the same is one person here too.
        name = next((each for each in named if each.casefold() == self._name.casefold()), named[0])
        if _is_disabled(entry):
            return DirectoryPerson(name, full_name, is_disabled=True)
        return DirectoryPerson(name, full_name, self._roles(connection))

    def _own_entry(self, connection: Any, own: str) -> Mapping[str, Sequence[str]]:
        """Attributes of the person, names in lower case."""
        wanted = [own, *NAMES, *STATE]
        if self._is_upn:
            same = f"({UPN}={escaped(self._dn, MARK)})"
            connection.search(self._settings.people, same, ldap.SUBTREE, attributes=wanted)
        else:
            connection.search(self._dn, "(objectClass=*)", ldap.BASE, attributes=wanted)
        _require_ok(connection, self._settings.url, "does not show a person their own entry")
        found = _entries(connection)
        if len(found) != 1:
            raise DirectoryAbsent(f"{self._settings.url} does not show a person their own entry")
        self._dn = str(found[0]["dn"])
        return _attributes(found[0])

    def _roles(self, connection: Any) -> tuple[RoleAt, ...]:
        """What the groups of the person give, also those that a group of theirs is in."""
        if not self._settings.groups:
            return ()
        seen, names = set[str](), list[str]()
        members, more = [self._dn], f"(memberUid={escaped(self._name, MARK)})"
        for _ in range(DEEPEST):
            found = [each for each in self._groups_of(connection, members, more) if each["dn"] not in seen]
            names += [cn for each in found for cn in _attributes(each).get("cn", ())]
            members, more = list({str(each["dn"]) for each in found}), ""
            seen.update(members)
            if not members:
                return roles_of(self._settings.roles, names)
            if len(seen) > MOST_GROUPS:
                break
        raise DirectoryAbsent(
            f"somebody is in more than {MOST_GROUPS} groups, or these lie more than {DEEPEST} deep"
        )

    def _groups_of(self, connection: Any, members: Sequence[str], more: str) -> list[Any]:
        """The groups that name one of these; ``more`` = another part of the filter."""
        settings, found = self._settings, list[Any]()
        for at in range(0, len(members), NAMED_AT_ONCE):
            these = [escaped(each, MARK) for each in members[at : at + NAMED_AT_ONCE]]
            wanted = "".join(f"(member={each})(uniqueMember={each})" for each in these)
            connection.search(settings.groups, f"(|{wanted}{more})", ldap.SUBTREE, attributes=["cn"])
            _require_ok(connection, settings.url, f"does not show the groups below {settings.groups}")
            found += _entries(connection)
        return found


def is_upn(person: str) -> bool:
    """Whether people are known as in "{name}@example.com", not by a distinguished name."""
    return "@" in person and "=" not in person


def roles_of(table: Mapping[str, Sequence[str]], groups: Sequence[str]) -> tuple[RoleAt, ...]:
    """The roles that groups give; ``table`` = group name to "role" or "role at area"."""
    given = {group.casefold(): roles for group, roles in table.items()}
    found = set[RoleAt]()
    for group in groups:
        for text in given.get(group.casefold(), ()):
            role, _, area = text.partition(" at ")
            found.add(RoleAt(cast(Role, role), area.strip()))
    return tuple(sorted(found))


def escaped(text: str, mark: str) -> str:
    """A value for a distinguished name (RFC 4514 2.4) or a filter (RFC 4515 3): all but letters and digits
    of ASCII as ``mark`` and two hex digits a byte, so that nothing in it has a meaning.
    """
    return "".join(
        each if each in LITERAL else "".join(f"{mark}{byte:02x}" for byte in each.encode()) for each in text
    )


def _connection(settings: LdapSettings, dn: str, secret: str) -> Any:
    parts = urlsplit(settings.url)
    is_tls = parts.scheme == "ldaps"
    host, port = parts.hostname or "", parts.port or (636 if is_tls else 389)
    server = ldap.Server(
        host,
        port,
        use_ssl=is_tls,
        tls=_checked_tls(settings.ca_file, host) if is_tls or settings.start_tls else None,
        get_info=ldap.NONE,
        connect_timeout=settings.timeout_s,
    )
    return ldap.Connection(
        server,
        dn,
        secret,
        client_strategy=ldap.SYNC,
        authentication=ldap.SIMPLE,
        auto_referrals=False,  # a password goes to nobody but the directory that was named
        check_names=False,
        read_only=True,
        receive_timeout=math.ceil(settings.timeout_s),  # whole seconds: it goes to the socket as such
    )


def _checked_tls(ca_file: str, host: str) -> Any:
    """TLS whose certificate and host name Python itself checks; the library's own check is optional."""
    context = ssl.create_default_context(cafile=ca_file or None)

    class Checked(ldap.Tls):  # type: ignore[misc]
        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
            connection.socket = context.wrap_socket(connection.socket, server_hostname=host)

    return Checked(validate=ssl.CERT_REQUIRED)


def require_private(settings: LdapSettings, connection: Any) -> None:
    """No password leaves this machine in the clear.

    Raises:
        DirectoryAbsent: the link is open.
    """
    if isinstance(connection.socket, ssl.SSLSocket):
        return
    with suppress(ValueError):
        if ipaddress.ip_address(connection.socket.getpeername()[0]).is_loopback and not settings.start_tls:
            return
    raise DirectoryAbsent(f"the link to {settings.url} is not encrypted, so no password is sent over it")


def _require_ok(connection: Any, url: str, what: str) -> None:
    code, words = connection.result["result"], connection.result["description"]
    if code != OK:
        raise DirectoryAbsent(f"{url} {what} ({words})")


def _entries(connection: Any) -> list[Any]:
    return [each for each in connection.response or () if each["type"] == "searchResEntry"]


def _attributes(entry: Any) -> dict[str, list[str]]:
    raw = cast(Mapping[str, Sequence[bytes]], entry["raw_attributes"])
    return {key.lower(): [each.decode("utf-8", "replace") for each in values] for key, values in raw.items()}


def _is_disabled(entry: Mapping[str, Sequence[str]]) -> bool:
    control = next(iter(entry.get("useraccountcontrol", ())), "0")
    locked = (*entry.get("nsaccountlock", ()), *entry.get("logindisabled", ()))
    # A number that cannot be read may stand for anything.
    is_off = not control.lstrip("-").isdecimal() or bool(int(control) & DISABLED_BIT)
    return is_off or any(each.casefold() == "true" for each in locked)


def _trouble(url: str, error: Exception) -> str:
    """What happened, in words that hold nothing of what was sent."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {url} is not trusted: check ca_file, the host name and its dates"
    if "timed out" in text or isinstance(error, TimeoutError):
        return f"no answer from {url} in time"
    if "refused" in text:
        return f"{url} refused the connection"
    return f"no answer from {url} that can be used ({type(error).__name__})"

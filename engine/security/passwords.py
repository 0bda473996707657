"""Passwords, PINs and badges: what is good enough, and how they are kept (argon2id, RFC 9106).

A password needs length and must be nothing that others guess first; no kinds of characters are asked for
(NIST SP 800-63B 5.1.1.2). Hashing takes a fifth of a second and 64 MiB, so it never happens on the loop, and
one at a time.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw

T = TypeVar("T")
SHORTEST, LONGEST = 12, 256
PIN_DIGITS = (6, 12)
LEAST_REST, LEAST_KINDS = 6, 4
"""Characters that must be left, and how many different ones, without known words and runs."""
COMMON = (
    "password passwort passphrase passw0rd welcome willkommen letmein iloveyou administrator administrador "
    "admin operator engineer maintenance supervisor default changeme temporary secret guest login master "
    "root user test demo scada control controlroom plant factory watchroom dragon monkey football baseball "
    "superman batman princess sunshine starwars trustno1 whatever shadow michael jordan hello freedom "
    "computer internet pokemon liverpool chelsea arsenal ashley charlie spring summer autumn winter january "
    "february march april june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday company qazwsx zaqwsx 1q2w3e4r 1qaz2wsx q1w2e3r4 "
    "correcthorsebatterystaple"
).split()
"""Words that passwords of the well-known leaks are built on."""
ROWS = ("qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "azertyuiop")
LEET = str.maketrans("@4301!$57", "aaeoiisst")
WORD = re.compile(r"[^\W_]{3,}")


def folded(text: str) -> str:
    """One form of a text that people type in several (NFKC, NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", text)


def password_problem(password: str, own: Iterable[str] = ()) -> str:
    """What is wrong with a password, "" = nothing. ``own`` = the person's and the plant's names."""
    plain = folded(password)
    if len(plain) < SHORTEST:
        return (
            f"a password has at least {SHORTEST} characters; four words that do not belong together are good"
        )
    if len(plain) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    words = {*COMMON, *(word for name in own for word in WORD.findall(folded(name).casefold()))}
    lower = plain.casefold()
    for form in (lower, lower.translate(LEET)):
        rest = _without_runs(_without_words(form, words))
        if len(rest) < LEAST_REST or len(set(rest)) < LEAST_KINDS:
            return (
                "that is easily guessed: it is little more than common words, names of the person or the "
                "plant, or a simple row of keys; take four words that do not belong together"
            )
    return ""


def _without_words(text: str, words: set[str]) -> str:
    text = "".join(text.split())
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _without_runs(text: str) -> str:
    """The text without what three or more characters in order give: 1234, dcba, aaaa, qwer; one stays."""
    kept = list(text[:2])
    for last, before, this in zip(text, text[1:], text[2:], strict=False):
        if not _is_run(last + before + this):
            kept.append(this)
    return "".join(kept)


def _is_run(three: str) -> bool:
    first, second, third = map(ord, three)
    if second - first == third - second and abs(second - first) <= 1:
        return True
    return any(three in row or three[::-1] in row for row in ROWS)


def pin_problem(pin: str) -> str:
    """What is wrong with a PIN, "" = nothing."""
    least, most = PIN_DIGITS
    if not (pin.isascii() and pin.isdigit() and least <= len(pin) <= most):
        return f"a PIN is {least} to {most} digits"
    steps = {(int(b) - int(a)) % 10 for a, b in zip(pin, pin[1:], strict=False)}
    repeats = any(pin == (pin[:n] * len(pin))[: len(pin)] for n in (1, 2, 3))
    halves = all(a == b for a, b in zip(pin[::2], pin[1::2], strict=False))
    if (len(steps) == 1 and steps <= {0, 1, 2, 8, 9}) or repeats or halves:
        return "that PIN is the first that others try: take digits without an order"
    return ""


class Hasher:
    """Makes and checks hashes off the loop, one at a time: 64 MiB each are enough.

    ``checks`` = how many secrets were looked at. An unknown name is checked against a hash that nothing fits,
    so that it takes as long as a known one.
    """

    def __init__(self, hardness: argon2.PasswordHasher | None = None) -> None:
        self._argon = hardness or argon2.PasswordHasher()
        self._turn = asyncio.Lock()
        self._nothing = self._fitting_nothing()
        self.checks = 0

    def _fitting_nothing(self) -> str:
        """A hash of the same cost, of random bytes that are the hash of nothing known."""
        salt, hashed = (
            base64.b64encode(os.urandom(size)).decode().rstrip("=")
            for size in (self._argon.salt_len, self._argon.hash_len)
        )
        costs = f"m={self._argon.memory_cost},t={self._argon.time_cost},p={self._argon.parallelism}"
        return f"$argon2id$v=19${costs}${salt}${hashed}"

    async def make(self, secret: str) -> str:
        """The hash to keep, with a salt of its own."""
        return await self._alone(self._argon.hash, folded(secret))

    async def fits(self, secret: str, kept: str) -> bool:
        """Whether a secret is the one that was kept; "" = nothing was, which takes as long."""
        return await self._alone(self._fits, folded(secret)[: 4 * LONGEST], kept)

    async def _alone(self, work: Callable[..., T], *of: Any) -> T:
        """A thread cannot be stopped: its turn ends with it, also when whoever asked goes away before."""
        async with self._turn:
            working = asyncio.ensure_future(asyncio.to_thread(work, *of))
            try:
                return await asyncio.shield(working)
            except asyncio.CancelledError:
                await asyncio.wait([working])
                raise

    def _fits(self, secret: str, kept: str) -> bool:
        self.checks += 1
        try:
            return self._argon.verify(kept or self._nothing, secret) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False

    def is_old(self, kept: str) -> bool:
        """Whether a hash was made with other costs than are usual now."""
        return self._argon.check_needs_rehash(kept)

    async def digest(self, badge: str, salt: bytes) -> str:
        """What a badge is found by: the same for the same badge and salt (16 bytes), as dear as a hash."""
        return await self._alone(self._digest, badge.strip(), salt)

    def _digest(self, badge: str, salt: bytes) -> str:
        costs = self._argon.time_cost, self._argon.memory_cost, self._argon.parallelism
        return hash_secret_raw(badge.encode(), salt, *costs, 32, argon2.Type.ID).hex()


def token_hash(token: str) -> str:
    """What is kept of a token or code, which are random enough for one round of SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """256 random bits for a session."""
    return secrets.token_urlsafe(32)

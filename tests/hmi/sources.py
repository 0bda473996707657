"""Made-up sources in every state, all that the engine tells of them, and a feed that answers for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from engine.types import (
    Certificate,
    EngineStatus,
    SourceDetail,
    SourceEvent,
    SourceNote,
    SourceStatus,
    TagTrouble,
)
from tests.hmi.plant import NOW_US, PlantFeed, source

MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
SECURE = "Aes256_Sha256_RsaPss"
THUMBPRINT = "3f2a91bc04de77a1c9e0528b6d13f4aa90b7c2e15f8836d40a6e9b21cc75d81e"
OWN_THUMBPRINT = "a7c04419be2f03d8815cfe6299ab10375e6d00c1f2b4937a48d62c90eb51d4f7"


def certificate(
    place: Literal["own", "trusted", "rejected"] = "rejected", thumbprint: str = THUMBPRINT, **more: Any
) -> Certificate:
    """A certificate of the press's server, or ours."""
    facts: dict[str, Any] = {
        "subject": "CN=Press S50,O=Example Press Works,C=DE",
        "uri": "urn:press-s50:OPCUA:SimaticServer",
        "not_before_us": NOW_US - 300 * DAY_US,
        "not_after_us": NOW_US + 1500 * DAY_US,
        "file": f"/plant/data/pki/{place}/{thumbprint}.der",
    }
    if place == "own":
        facts |= {"subject": "CN=Watchroom,O=Framing line 3", "uri": "urn:hmi-pc:watchroom"}
    return Certificate(place, thumbprint, **{**facts, **more})


OWN = certificate("own", OWN_THUMBPRINT)
FACTS = (
    ("publishing interval", "1 s (asked 0.5 s)"),
    ("keep-alive", "every 5 s"),
    ("session timeout", "30 s (asked 120 s)"),
    ("answer time", "4 ms, 99 of 100 within 11 ms"),
)


def secured(name: str = "press", state: Any = "connected", **more: Any) -> SourceStatus:
    """An OPC UA source over an encrypted link, or one that should be."""
    facts: dict[str, Any] = {
        "driver": "opcua",
        "endpoint": "opc.tcp://192.168.10.50:4840",
        "security": SECURE if state in ("connected", "stale") else "",
        "tags": 812,
        "good": 812 if state == "connected" else 0,
        "rate_in": 812.0 if state == "connected" else 0.0,
        "clock_offset_s": 0.04,
    }
    return source(name, state, **{**facts, **more})


def refused(name: str = "press") -> SourceStatus:
    """A server whose certificate nobody trusts yet."""
    what = f"the certificate of {name}'s server is not trusted"
    do = "compare its thumbprint with the one shown at the server, then trust it below"
    return secured(name, "refused", age_s=None, what=what, do=do, last_error=f"{what}: {do}")


def unreachable(name: str = "oven") -> SourceStatus:
    """A device that does not answer."""
    what = f"{name} does not answer at 192.168.10.71 port 502 (no route to host)"
    do = "check that the device has power, that its network cable is in, and that a ping reaches it"
    return source(
        name,
        "connecting",
        endpoint="tcp://192.168.10.71:502",
        good=0,
        tags=24,
        rate_in=0.0,
        age_s=185.0,
        reconnects=3,
        security="",
        what=what,
        do=do,
        last_error=f"{what}: {do}",
    )


def silent(name: str = "air") -> SourceStatus:
    """A link that is open and says nothing."""
    return secured(name, "stale", age_s=64.0)


def early(name: str = "press") -> SourceStatus:
    """A device whose clock is ahead of ours."""
    return secured(name, clock_offset_s=62.3, notes=1)


def troubled(count: int, status: int = 0x80340000) -> tuple[TagTrouble, ...]:
    """Tags whose nodes the server does not have."""
    why = "node does not exist on the server"
    return tuple(
        TagTrouble(
            f"Body shop/S{n % 8 + 1}0/Hydraulics/Valve {n}", f"nsu=urn:press-s50;s=S50.Valve{n}", status, why
        )
        for n in range(1, count + 1)
    )


def events(*steps: tuple[int, Any, str]) -> tuple[SourceEvent, ...]:
    """Changes of state, as (seconds ago, state, why)."""
    return tuple(SourceEvent(NOW_US - seconds * 1_000_000, state, why) for seconds, state, why in steps)


def detail(status: SourceStatus, **more: Any) -> SourceDetail:
    """All there is to tell of a source; calm unless told otherwise."""
    facts: dict[str, Any] = {
        "notes": (),
        "facts": FACTS if status.state == "connected" and status.driver == "opcua" else (),
        "events": events((9_000, "connecting", ""), (8_998, "connected", "")),
        "troubled": (),
        "troubled_count": 0,
        "certificates": (certificate("trusted"), OWN) if status.driver == "opcua" else (),
    }
    return SourceDetail(status=status, **{**facts, **more})


LINE = source("line", tags=24, good=24)
REFUSED = detail(refused(), certificates=(certificate(), OWN))


def note(about: str = "clock", what: str = "", do: str = "") -> SourceNote:
    """Something worth knowing; of a clock unless told otherwise."""
    return SourceNote(
        about,
        what or "its clock is 62 s ahead of ours, so samples are ordered by the time we receive them",
        do or "set the clock of the device, or give it a time server",
        NOW_US - 42 * MINUTE_US,
    )


def engine(**more: Any) -> EngineStatus:
    """The engine's figures while all is well."""
    facts: dict[str, Any] = {
        "pid": 1,
        "version": "0.1.0",
        "uptime_s": 8132.0,
        "tags": 836,
        "good": 836,
        "uncertain": 0,
        "bad": 0,
        "rate_in": 852.0,
        "rate_filtered": 61.0,
        "dropped": 0,
        "lag_ms_p99": 8.2,
        "rss_mb": 143.0,
        "cpu_pct": 6.0,
    }
    return EngineStatus(**{**facts, **more})


class SourceFeed(PlantFeed):
    """Answers ``source`` from ``details``, at once or when told; keeps every request it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.details: dict[str, SourceDetail] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.waiting: list[Callable[[], None]] = []
        self.errors: dict[str, str] = {}
        self.scores: Any = True
        self.is_slow = False

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """Answer as the bridge does: with plain objects, never with structs."""
        self.sent.append((name, body))

        def answer() -> None:
            if name in self.errors:
                on_error(self.errors[name])
            else:
                known = self.details.get(body["source"]) if name == "source" else True
                known = self.scores if name == "scores" else known
                on_done(msgspec.msgpack.decode(msgspec.msgpack.encode(known)))

        if self.is_slow:
            self.waiting.append(answer)
        else:
            answer()

    def asked_of(self, name: str) -> list[str]:
        """The sources one kind of request was sent for."""
        return [body["source"] for each, body in self.sent if each == name]

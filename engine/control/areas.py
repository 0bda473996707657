"""Areas of responsibility: from which station a part of the plant is operated.

The nearest area above a path counts. Once any area was taken in a project, every write needs one that its
own station holds; until then a station may write everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.control.intent import recorded
from engine.control.refused import Refused
from engine.control.store import ControlStore
from engine.types import May, PutOnRecord, RecordEntry, Session

Held = tuple[tuple[str, str], ...]
"""Areas and the station that holds each, by area."""


class Areas:
    """Who holds what in one project. Calls come in the loop's thread.

    ``is_area`` says whether there is such a part of the plant, "" = the whole; ``on_change`` is called after
    each change, with the area: what is selected there at another station may be void.
    """

    def __init__(
        self,
        store: ControlStore,
        record: PutOnRecord,
        may: May,
        is_area: Callable[[str], bool],
        *,
        on_change: Callable[[str], None] = lambda area: None,
    ) -> None:
        self._store, self._record, self._may = store, record, may
        self._is_area, self._on_change = is_area, on_change
        self._turn = asyncio.Lock()
        self._areas = store.areas()

    def held(self) -> Held:
        """All areas that a station holds."""
        return tuple((area, station) for area, station in sorted(self._areas.items()) if station)

    def refused(self, path: str, station: str) -> str:
        """Why a station may not write at a path, "" = it may."""
        if self._store.trouble:
            return f"nobody knows which station operates {path}: {self._store.trouble}"
        if not self._areas:
            return ""
        area, holder = self._holder(path)
        if holder == station and holder:
            return ""
        if holder:
            return f"{area or 'the whole plant'} is operated from station {holder}, not from {station}"
        return f"no station holds the area of {path}; take it before writing there"

    async def take(self, token: str, session: Session, area: str) -> Held:
        """The station of the session takes an area.

        One that another station holds is only taken with the right "approve" (the shift lead's).

        Raises:
            Refused: this person may not, or there is no such area.
            NotRecorded: the ledger does not take it; who held it still does.
        """
        async with self._turn:
            self._require_area(area, session)
            if self._areas.get(area) == session.station:
                return self.held()
            nearest, holder = self._holder(area)
            if holder and holder != session.station and self._may(token, "approve", area):
                raise Refused(
                    f"{nearest or 'the whole plant'} is operated from station {holder}: it is given back "
                    "there, or somebody who may approve takes it"
                )
            self._require_may(token, area)
            await self._count(session, area, session.station)
        return self.held()

    async def give_back(self, token: str, session: Session, area: str) -> Held:
        """Give an area back: at the station that holds it, or elsewhere with the right "approve".

        Raises:
            Refused: nobody holds it, or this person may not.
            NotRecorded: the ledger does not take it; who held it still does.
        """
        async with self._turn:
            holder = self._areas.get(area, "")
            if not holder:
                raise Refused(f"no station holds {area or 'the whole plant'}")
            if holder != session.station and self._may(token, "approve", area):
                raise Refused(f"{area or 'the whole plant'} is held by station {holder}; give it back there")
            self._require_may(token, area)
            await self._count(session, area, "")
        return self.held()

    async def _count(self, session: Session, area: str, station: str) -> None:
        body = {
            "what": "area of responsibility",
            "area": area,
            "from": self._areas.get(area, ""),
            "to": station,
            "station": session.station,
        }

        def keep(intent: int) -> None:
            self._store.set_area(area, station, intent)

        def count() -> None:
            self._areas[area] = station
            self._on_change(area)

        entry = RecordEntry("configuration", session.person, body)
        await recorded(self._store, self._record, entry, keep, count)

    def _holder(self, path: str) -> tuple[str, str]:
        """The nearest area that is held, at the path or above it, and its station; both "" = none."""
        at = path
        while True:
            if station := self._areas.get(at):
                return at, station
            if not at:
                return "", ""
            at = at.rpartition("/")[0]

    def _require_area(self, area: str, session: Session) -> None:
        if area and not self._is_area(area):
            raise Refused(f"there is no area {area!r}; choose one of the plant")
        if not session.station:
            raise Refused("this window has no station name; only a station can hold an area")

    def _require_may(self, token: str, area: str) -> None:
        if (why := self._may(token, "write", area)) and self._may(token, "approve", area):
            raise Refused(why)

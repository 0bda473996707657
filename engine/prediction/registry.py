"""All versions of all models of a project, and which of them speaks: champion, challenger, shadow, retired.

Only the champion of a kind and class of assets warns; challenger and shadow run beside it on the same data.
Changes go in two steps: `Registry` says what would be done (`Change`) or refuses, the engine puts it on
record, and `carry_out` does it. Killed in between, the old state stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from engine.prediction.package import Checked, Model, PackageRefused, load, read_package
from engine.prediction.promotion import PromotionRule, Standing
from engine.prediction.shelf import Entry, Shelf, State
from engine.prediction.worker import GuardedModel
from engine.types import ModelKind, ModelRole, ModelState

ORDER: tuple[ModelRole, ...] = ("champion", "challenger", "shadow", "refused", "retired")
SYSTEM = "system"
IsSigned = Callable[[str], bool]
"""Whether the model file with this SHA-256 was approved by a named engineer, by the ledger."""


class ChangeRefused(Exception):
    """A change of the registry that is not made; the text says why and what to do."""


class Change(msgspec.Struct, frozen=True):
    """A change that is decided and not yet made: what goes on record.

    ``against`` = what spoke against it and was overridden. ``roles`` = what each version becomes. "baseline"
    is of the followed normal of ``asset``, ``window`` = how it is followed from now on, "" = not.
    """

    what: Literal["import", "promote", "challenge", "shadow", "retire", "rollback", "baseline", "not done"]
    id: str
    version: str
    sha256: str
    by: str
    reason: str
    at_us: int
    roles: dict[str, ModelRole]
    against: tuple[str, ...] = ()
    asset: str = ""
    window: str = ""


class OnRecord(Protocol):
    """Puts a change on record, and returns once it is there; raises where it is not: nothing is done."""

    async def __call__(self, change: Change) -> None: ...


class Registry:
    """The models of one project. ``now_us`` = the clock; ``is_signed`` asks the ledger.

    Only `open` and `importing` wait for a model. Any thread may look; changes are made one at a time.
    """

    def __init__(
        self, folder: Path, now_us: Callable[[], int], is_signed: IsSigned, rule: PromotionRule | None = None
    ) -> None:
        self._shelf, self._now_us, self._is_signed = Shelf(folder), now_us, is_signed
        self._state = self._shelf.load()
        self._rule = rule or PromotionRule()
        self._damaged: dict[tuple[str, str], str] = {}
        self._coming: Checked | None = None
        self.look()

    @property
    def trouble(self) -> str:
        """What is wrong with the registry as a whole, "" = nothing. Looks at the disk."""
        return self._shelf.trouble or self._shelf.changed

    def look(self) -> None:
        """Check the files of every version again; a damaged one is refused alone."""
        damaged = dict[tuple[str, str], str]()
        for entry in self._state.entries:
            try:
                self._shelf.verify(entry)
            except (PackageRefused, OSError) as error:
                damaged[entry.key] = str(error)
        self._damaged = damaged

    def states(self) -> tuple[ModelState, ...]:
        """Every version with its role, champions first."""
        found = [self._state_of(entry) for entry in self._state.entries]
        return tuple(
            sorted(found, key=lambda each: (ORDER.index(each.role), each.card.id, each.card.version))
        )

    def lost(self) -> tuple[ModelState, ...]:
        """Champions whose files are damaged: nobody warns in their place."""
        champions = (each for each in self._state.entries if each.role == "champion")
        return tuple(self._state_of(each) for each in champions if each.key in self._damaged)

    def in_role(self, role: ModelRole, kind: ModelKind, asset_class: str) -> tuple[ModelState, ...]:
        """Versions of that role for assets of a class."""
        wanted = (role, kind, asset_class)
        return tuple(s for s in self.states() if (s.role, s.card.kind, s.card.asset_class) == wanted)

    def rivals(self, id: str, version: str) -> tuple[int, tuple[tuple[str, str], ...]]:
        """Since when a version runs in shadow, and who is to be compared over that time: it, the champion.

        Raises:
            ChangeRefused: there is no such version.
        """
        entry = self._entry(id, version)
        champion = self._champion(entry.place)
        return entry.shadow_us, (entry.key,) if champion is None else (entry.key, champion.key)

    def package(self, id: str, version: str) -> Checked:
        """The package of a version, looked at as on its import.

        Raises:
            ChangeRefused: there is no such version.
            PackageRefused: it is damaged.
        """
        return self._shelf.read(self._entry(id, version))

    def open(self, id: str, version: str) -> Model:
        """The model, to be asked: in this process where it is signed, else in a guarded one of its own.

        Raises:
            ChangeRefused: there is no such version.
            PackageRefused: it is damaged, or cannot be loaded.
        """
        entry = self._entry(id, version)
        checked = self._shelf.read(entry)
        return load(checked) if self._is_approved(entry) else GuardedModel(checked)

    def importing(self, folder: Path, by: str, reason: str, *, is_tried: bool = True) -> Change:
        """What bringing in the package in ``folder`` would do; it is copied by `carry_out`, never referenced.

        The model is tried on its golden rows in a guarded process. With a champion of its kind and class it
        becomes challenger, and an earlier challenger runs on in shadow; else it runs in shadow. Not tried
        (``is_tried``) is only what is shipped: `open` checks its golden rows all the same.

        Raises:
            ChangeRefused: no name, no reason, or that version is here already.
            PackageRefused: it cannot be used.
        """
        _require(by, reason)
        checked = read_package(folder)
        card = checked.card
        if any(entry.key == (card.id, card.version) for entry in self._state.entries):
            raise ChangeRefused(
                f"{card.id} {card.version} is here already; give another version to a new model"
            )
        if is_tried:
            GuardedModel(checked).close()
        self._coming = checked
        roles: dict[str, ModelRole] = {_key(card.id, card.version): "shadow"}
        if self._champion(f"{card.kind}:{card.asset_class}"):
            roles = self._displaced("challenger", card.kind, card.asset_class, "shadow")
            roles[_key(card.id, card.version)] = "challenger"
        return Change("import", card.id, card.version, card.sha256, by, reason, self._now_us(), roles)

    def promoting(
        self,
        id: str,
        version: str,
        by: str,
        reason: str,
        standings: Mapping[tuple[str, str], Standing],
        *,
        is_override: bool = False,
    ) -> Change:
        """What making a version champion would do. ``standings`` by id and version, of the same time.

        An override goes against the rule; what speaks against it is on record with the reason.

        Raises:
            ChangeRefused: no name, no reason, it is champion or retired, or the rule speaks against it.
            PackageRefused: its files are damaged.
        """
        _require(by, reason)
        entry = self._entry(id, version)
        if entry.role not in ("challenger", "shadow"):
            raise ChangeRefused(f"{id} {version} is {entry.role}; only a challenger or a shadow is promoted")
        self._shelf.read(entry)
        against = self._against(entry, standings)
        if against and not is_override:
            raise ChangeRefused(
                f"{id} {version} is not promoted: {'; '.join(against)}. Wait, or override it with a reason"
            )
        roles: dict[str, ModelRole] = {
            **self._displaced("champion", entry.card.kind, entry.card.asset_class, "retired"),
            _key(id, version): "champion",
        }
        return Change("promote", id, version, entry.card.sha256, by, reason, self._now_us(), roles, against)

    def moving(
        self, id: str, version: str, to: Literal["challenger", "shadow", "retired"], by: str, reason: str
    ) -> Change:
        """What giving a version another role would do; ``by`` = `SYSTEM` where it fell below its budget.

        Raises:
            ChangeRefused: no name, no reason, or it has that role.
        """
        _require(by, reason)
        entry = self._entry(id, version)
        if entry.role == to or (entry.role, to) == ("champion", "challenger"):
            raise ChangeRefused(f"{id} {version} is {entry.role} already")
        roles: dict[str, ModelRole] = {_key(id, version): to}
        if to == "challenger":
            roles |= self._displaced("challenger", entry.card.kind, entry.card.asset_class, "shadow")
        what: Mapping[str, Literal["challenge", "shadow", "retire"]]
        what = {"challenger": "challenge", "shadow": "shadow", "retired": "retire"}
        return Change(what[to], id, version, entry.card.sha256, by, reason, self._now_us(), roles)

    def rolling_back(self, kind: ModelKind, asset_class: str, by: str, reason: str) -> Change:
        """What taking the last promotion back would do: one step, to the champion before.

        Raises:
            ChangeRefused: no name, no reason, or there is no champion before this one.
            PackageRefused: the files of the champion before are damaged.
        """
        _require(by, reason)
        before = self._state.before.get(f"{kind}:{asset_class}")
        if before is None:
            raise ChangeRefused(f"there is no earlier champion for {asset_class} to go back to; promote one")
        entry = self._entry(*before)
        self._shelf.read(entry)
        roles: dict[str, ModelRole] = {
            **self._displaced("champion", kind, asset_class, "shadow"),
            _key(*before): "champion",
        }
        return Change("rollback", *before, entry.card.sha256, by, reason, self._now_us(), roles)

    def carry_out(self, change: Change) -> None:
        """Make a change that is on record; on disk before this returns.

        Raises:
            ChangeRefused: the registry is no longer as it was when this was decided.
            OSError: the disk does not take it. Nothing is changed.
        """
        state = self._state
        if change.what == "import":
            if self._coming is None or self._coming.card.sha256 != change.sha256:
                raise ChangeRefused(f"{change.id} {change.version} is no longer at hand; import it again")
            self._shelf.bring_in(self._coming)
            made = Entry(self._coming.card, "shadow", change.at_us, change.at_us, change.by, change.reason)
            state = msgspec.structs.replace(state, entries=(*state.entries, made))
        self._require_same(change, state)
        state = _changed(state, change)
        self._shelf.save(state)
        self._state, self._coming = state, None

    def _against(self, entry: Entry, standings: Mapping[tuple[str, str], Standing]) -> tuple[str, ...]:
        champion = self._champion(entry.place)
        theirs = None if champion is None else standings.get(champion.key)
        is_unknown = champion is not None and theirs is None
        unknown = ("nothing is known of how the champion did in that time",) if is_unknown else ()
        own = standings.get(entry.key)
        return (*self._rule.against(entry.shadow_us, self._now_us(), own, theirs), *unknown)

    def _champion(self, place: str) -> Entry | None:
        # By its role alone: one whose files are damaged is still what a challenger is measured by.
        return next((e for e in self._state.entries if (e.place, e.role) == (place, "champion")), None)

    def _displaced(
        self, role: ModelRole, kind: ModelKind, asset_class: str, to: ModelRole
    ) -> dict[str, ModelRole]:
        place = f"{kind}:{asset_class}"
        return {
            _key(*entry.key): to
            for entry in self._state.entries
            if (entry.place, entry.role) == (place, role)
        }

    def _require_same(self, change: Change, state: State) -> None:
        known = {_key(*entry.key): entry.card.sha256 for entry in state.entries}
        if not set(change.roles) <= set(known) or known[_key(change.id, change.version)] != change.sha256:
            raise ChangeRefused(f"the models changed before {change.id} {change.version} did; decide again")

    def _entry(self, id: str, version: str) -> Entry:
        for entry in self._state.entries:
            if entry.key == (id, version):
                return entry
        here = ", ".join(sorted(f"{a} {b}" for a, b in (each.key for each in self._state.entries))) or "none"
        raise ChangeRefused(f"there is no model {id[:80]!r} of version {version[:80]!r}; here: {here}")

    def _is_approved(self, entry: Entry) -> bool:
        return entry.approved == entry.card.sha256 and self._is_signed(entry.card.sha256)

    def _state_of(self, entry: Entry) -> ModelState:
        damage = self._damaged.get(entry.key, "")
        return ModelState(
            entry.card,
            "refused" if damage else entry.role,
            damage or entry.why,
            since_us=entry.since_us,
            by=entry.by,
            signed=self._is_approved(entry),
        )


async def put_on_record_and_do(registry: Registry, change: Change, on_record: OnRecord) -> None:
    """Make ``change``, once it is on record."""
    await on_record(change)
    registry.carry_out(change)


def _key(id: str, version: str) -> str:
    return f"{id} {version}"


def _require(by: str, reason: str) -> None:
    if not by.strip():
        raise ChangeRefused("say who decides it: models are changed by a named person")
    if not reason.strip():
        raise ChangeRefused("say why: the reason goes on record with the change")


def _changed(state: State, change: Change) -> State:
    before = dict(state.before)
    if change.what in ("promote", "rollback"):
        place = next(each.place for each in state.entries if each.key == (change.id, change.version))
        before.pop(place, None)
    entries = list[Entry]()
    for entry in state.entries:
        to = change.roles.get(_key(*entry.key))
        if to is None:
            entries.append(entry)
            continue
        is_it = entry.key == (change.id, change.version)
        if entry.role == "champion" and change.what == "promote" and not is_it:
            before[entry.place] = entry.key
        goes_to_shadow = entry.role in ("champion", "retired") and to in ("shadow", "challenger")
        entries.append(
            msgspec.structs.replace(
                entry,
                role=to,
                since_us=change.at_us,
                shadow_us=change.at_us if goes_to_shadow else entry.shadow_us,
                by=change.by,
                why=change.reason if is_it else f"{change.what} of {change.id} {change.version}",
                approved=entry.card.sha256 if is_it and to == "champion" else entry.approved,
            )
        )
    return State(state.format, tuple(entries), before)

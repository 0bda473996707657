"""Models changed by people, through the ops: on record first, then done; a hostile one changes nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from engine.app.ledger_open import ledger_file
from engine.app.model_answers import AskedModels, model_answers
from engine.app.model_record import Approvals, on_record, open_registry
from engine.prediction.card import mark_of
from engine.prediction.files import MARK, write_files
from engine.prediction.fleet import Bound
from engine.prediction.onnx_file import as_part
from engine.prediction.package import Package
from engine.prediction.promotion import DAY_US, Standing
from engine.prediction.worker import GuardedModel
from engine.server import RequestRefused
from engine.types import HitRate, NotRecorded, PutOnRecord, RecordEntry
from engine.wire import ModelChangeBody, ModelsAnswer, encode
from tests.engine.app.recorded import Clock, lines, station
from tests.engine.prediction import hostile
from tests.engine.prediction.packages import card_of, pack

GOOD = Standing(failures=20, found=18, false_alarms=4, months=60.0, brier=0.016)


class Desk:
    """The ops on a real registry; without a ``record`` of its own what goes on record is in ``entries``."""

    def __init__(self, folder: Path, record: PutOnRecord | None = None, clock: Clock | None = None) -> None:
        self.folder, self.clock, self.changes = folder, clock or Clock(), 0
        self.entries: list[RecordEntry] = []
        self.events: list[dict[str, object]] = []
        self.approvals = Approvals(ledger_file(folder))
        self.registry = open_registry(folder, self.clock, self.approvals)
        self.asked = AskedModels(
            self.registry,
            self.clock,
            on_record(record or self._record, lambda event, body: self.events.append(body), self.approvals),
            self._changed,
            rates=lambda model, version: (HitRate("watch"), HitRate("act", right=3)),
            standings=lambda since_us, keys: dict.fromkeys(keys, GOOD),
        )
        self.answers = model_answers(self.asked)

    async def _record(self, entries: Sequence[RecordEntry]) -> None:
        self.entries += entries

    def _changed(self) -> None:
        self.changes += 1

    async def ask(self, what: str, id: str = "pump-failure", **more: object) -> ModelsAnswer:
        body = ModelChangeBody(what, id, **{"by": "A. Engineer", "reason": "to try it", **more})
        return await self.answers["model_change"](msgspec.Raw(encode(body)))

    def do(self, what: str, id: str = "pump-failure", **more: object) -> ModelsAnswer:
        return asyncio.run(self.ask(what, id, **more))

    def package(self, version: str = "1", **changes: object) -> str:
        place = self.folder / "from" / version
        pack(place, version=version, **changes)
        return str(place)

    def files(self) -> dict[str, bytes]:
        """Everything the registry has on disk."""
        root = self.folder / "data" / "models"
        return {str(each): each.read_bytes() for each in root.rglob("*") if each.is_file()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def in_ledger(tmp_path: Path) -> Iterator[Desk]:
    """With a real ledger."""
    with station(tmp_path / "mill") as made:
        yield Desk(tmp_path / "mill", made.scribe.record, made.clock)


def roles(answer: ModelsAnswer) -> dict[str, str]:
    return {each.card.version: each.role for each in answer.models}


def test_a_version_comes_in_and_is_promoted_on_record_before_it_is_done(in_ledger: Desk) -> None:
    desk = in_ledger
    told = desk.do("import", folder=desk.package())
    assert roles(told) == {"1": "shadow"} and "pump-failure 1 becomes shadow" in told.text
    assert "learned from 40 failures (made up for tests)" in told.text
    with pytest.raises(RequestRefused, match=r"0\.0 days, and 14"):
        desk.do("promote", version="1")
    told = desk.do("promote", version="1", is_override=True)
    assert roles(told) == {"1": "champion"} and "against the rule: it ran in shadow" in told.text
    assert told.models[0].signed and told.models[0].rates[1].right == 3
    entries = [each["body"] for each in lines(desk.folder) if each["type"] == "model"]
    assert [each["what"] for each in entries] == ["import", "promote"]
    assert entries[1]["sha256"] == told.models[0].card.sha256 and entries[1]["against"]
    assert [each["what"] for each in desk.events] == ["import", "promote"] and desk.changes == 2


def test_who_was_promoted_by_name_runs_in_the_engine_also_after_a_restart(in_ledger: Desk) -> None:
    desk = in_ledger
    desk.do("import", folder=desk.package())
    guarded = desk.registry.open("pump-failure", "1")
    assert isinstance(guarded, GuardedModel)
    guarded.close()
    desk.do("promote", version="1", is_override=True)
    again = open_registry(desk.folder, desk.clock, Approvals(ledger_file(desk.folder)))
    assert isinstance(again.open("pump-failure", "1"), Package)
    # Without the ledger the file on disk alone is worth nothing.
    alone = open_registry(desk.folder, desk.clock, Approvals(desk.folder / "no ledger"))
    assert not alone.states()[0].signed


def test_the_whole_life_of_two_versions(desk: Desk) -> None:
    desk.do("import", folder=desk.package("1"))
    desk.clock.ahead_us += 14 * DAY_US
    desk.do("promote", version="1")
    assert roles(desk.do("import", folder=desk.package("2"))) == {"1": "champion", "2": "challenger"}
    desk.clock.ahead_us += 14 * DAY_US
    assert roles(desk.do("promote", version="2")) == {"2": "champion", "1": "retired"}
    assert roles(desk.do("rollback")) == {"1": "champion", "2": "shadow"}
    assert roles(desk.do("retire", version="2")) == {"1": "champion", "2": "retired"}
    assert roles(desk.do("shadow", version="1")) == {"1": "shadow", "2": "retired"}
    with pytest.raises(RequestRefused, match="no model 'fan'"):
        desk.do("rollback", id="fan")


def test_a_trial_says_what_would_be_and_does_nothing(desk: Desk) -> None:
    told = desk.do("import", folder=desk.package(), is_trial=True)
    assert "pump-failure 1 becomes shadow" in told.text and told.models == ()
    assert desk.files() == {} and desk.events == [] and desk.changes == 0
    assert desk.entries == []
    desk.do("import", folder=desk.package())
    with pytest.raises(RequestRefused, match="it ran in shadow for"):
        desk.do("promote", version="1", is_trial=True)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"by": " "}, "say who"),
        ({"reason": ""}, "say why"),
        ({"by": "x" * 101}, "100 letters for the name"),
        ({"version": "2"}, "no model 'pump-failure' of version '2'"),
        ({"id": "p" * 1001}, "at most 1000 letters"),
    ],
)
def test_what_is_not_asked_rightly_is_refused(desk: Desk, more: dict[str, str], told: str) -> None:
    if "version" not in more:
        desk.do("import", folder=desk.package())
    with pytest.raises(RequestRefused, match=told):
        desk.do("promote", **{"version": "1", **more})
    with pytest.raises(RequestRefused, match="no normal is followed"):
        desk.do("baseline", asset="Line 1/P1")


def test_nothing_is_done_that_the_ledger_does_not_take(tmp_path: Path) -> None:
    async def full(entries: object) -> None:
        raise NotRecorded("this was not put on record, so it is not done: the disk is full")

    desk = Desk(tmp_path, full)
    with pytest.raises(RequestRefused, match="not put on record"):
        desk.do("import", folder=desk.package())
    assert desk.files() == {} and desk.events == [] and desk.changes == 0


def test_what_the_disk_refuses_is_on_record_as_not_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.prediction.shelf.write_files", full)
    with pytest.raises(RequestRefused, match="No space left"):
        desk.do("import", folder=desk.package())
    assert [each.body["what"] for each in desk.entries] == ["import", "not done"]
    assert desk.registry.states() == () and desk.changes == 0


def test_two_who_want_the_same_at_once_get_it_once(desk: Desk) -> None:
    folder = desk.package()

    async def both() -> list[object]:
        asks = (desk.ask("import", folder=folder) for _ in range(2))
        return await asyncio.gather(*asks, return_exceptions=True)

    found = asyncio.run(both())
    assert sum(isinstance(each, ModelsAnswer) for each in found) == 1
    assert [str(each) for each in found if isinstance(each, RequestRefused)] == [
        "pump-failure 1 is here already; give another version to a new model"
    ]
    assert desk.changes == 1


def by_hand(make: Callable[[], bytes]) -> Callable[[Path], None]:
    """Packed by an attacker, with every hash as it must be."""

    def write(folder: Path) -> None:
        model = make()
        model += as_part(14, as_part(1, MARK.encode()) + as_part(2, mark_of(card_of()).encode()))
        write_files(folder, msgspec.structs.replace(card_of(), sha256=sha256(model).hexdigest()), model)

    return write


def link_out(folder: Path) -> None:
    pack(folder.parent / "elsewhere")
    folder.mkdir()
    for name in ("model.onnx", "card.json"):
        (folder / name).symlink_to(folder.parent / "elsewhere" / name)


def pipe(folder: Path) -> None:
    pack(folder)
    (folder / "model.onnx").unlink()
    os.mkfifo(folder / "model.onnx")


def swapped(folder: Path) -> None:
    pack(folder)
    model = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(model[:-1] + bytes([model[-1] ^ 1]))


def deep_card(folder: Path) -> None:
    pack(folder)
    (folder / "card.json").write_bytes(b"[" * 100_000)


HOSTILE: tuple[Callable[[Path], None], ...] = (
    by_hand(hostile.bomb), by_hand(hostile.loop), by_hand(lambda: hostile.outside("/etc/passwd")),
    by_hand(hostile.lying_size), by_hand(hostile.not_a_number), link_out, pipe, swapped, deep_card,
    lambda folder: folder.mkdir(), lambda folder: folder.write_bytes(b"no folder") and None,
)  # fmt: skip


@pytest.mark.fault
def test_a_hostile_package_ends_in_a_sentence_and_changes_nothing(desk: Desk) -> None:
    desk.do("import", folder=desk.package("2"))
    before, roles_before = desk.files(), [each.role for each in desk.registry.states()]
    for number, make in enumerate(HOSTILE):
        place = desk.folder / "coming" / str(number) / "package"
        place.parent.mkdir(parents=True)
        make(place)
        with pytest.raises(RequestRefused) as refused:
            desk.do("import", folder=str(place), is_trial=bool(number % 2))
        assert str(place) in str(refused.value) and "\n" not in str(refused.value)
    assert desk.files() == before and [each.role for each in desk.registry.states()] == roles_before
    assert desk.changes == 1 and len(desk.entries) == len(desk.events) == 1
    assert roles(desk.do("import", folder=desk.package("3"))) == {"2": "shadow", "3": "shadow"}


@pytest.mark.parametrize("folder", ["", "models/pump", "/tmp/\0pump", "/" + "a/" * 400 + "x" * 150])
def test_a_place_that_is_none_is_refused_in_words(desk: Desk, folder: str) -> None:
    with pytest.raises(RequestRefused, match="not the full path|cannot be read"):
        desk.do("import", folder=folder)


def test_the_list_tells_which_assets_each_version_watches(desk: Desk) -> None:
    desk.do("import", folder=desk.package())
    state = desk.registry.states()[0]

    class Runs:
        card = state.card

    bound = Bound(Runs(), ("Line 1/P1", "Line 1/P2"), None, "shadow")  # pyright: ignore
    asked = AskedModels(
        desk.registry, desk.clock, desk.asked.on_record, lambda: None, lambda: (bound,),
        lambda model, version: (HitRate("watch"), HitRate("act", wrong=2 if "base" in model else 0)),
    )  # fmt: skip
    answer = asyncio.run(model_answers(asked)["models"](msgspec.Raw(encode({}))))
    assert answer.models[0].assets == ("Line 1/P1", "Line 1/P2") and answer.can_train
    assert [(name, rate.wrong) for name, rate in answer.models[0].baselines] == [
        ("baseline: limit", 2),
        ("baseline: limit and event", 2),
    ]

"""Work-in-progress tags: who puts them on, what they forbid, and who takes them off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.intent import settle
from engine.control.refused import Refused
from engine.control.store import ControlStore
from engine.control.work import WorkTags
from engine.typed import convert
from engine.types import NotRecorded, RecordEntry, WorkTag
from tests.engine.control.persons import NOW_US, Clock, Ledger, Rights, S, session, token

ASSETS = {"Line", "Line/Press", "Line/Press/Pump", "Line/Presses", "Hall"}


class Rig:
    """A plant whose engine can be killed and started again."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock, self.ledger = path, Clock(), Ledger()
        self.rights = Rights(ada=["work tag"], ben=["work tag"], cy=["work tag"], dee=["write"])
        self.changed: list[str] = []
        self.start()

    def start(self) -> None:
        self.store = ControlStore(self.path)
        self.work = WorkTags(
            self.store,
            self.ledger,
            self.rights.may,
            self.rights.verify,
            self.clock,
            ASSETS.__contains__,
            on_change=self.changed.append,
        )

    def restart(self) -> None:
        self.store.close()
        self.start()

    async def put_on(self, person: str, asset: str = "Line/Press", name: str = "", **more: object) -> WorkTag:
        tag = WorkTag(asset, "", name or person.title(), **more)  # pyright: ignore[reportArgumentType]
        return await self.work.put_on(token(person), session(person), tag)

    async def take_off(self, person: str, second: str = "", *, owner: str = "", secret: str = "") -> WorkTag:
        shown = secret or (f"secret of {second}" if second else "")
        return await self.work.take_off(
            token(person), session(person), "Line/Press", owner=owner, second=second, secret=shown
        )


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "control.db")
    yield made
    made.store.close()


async def test_tag_covers_its_asset_and_all_below_it_and_nothing_else(rig: Rig) -> None:
    assert rig.work.blocked("Line/Press/SP") == ""
    tag = await rig.put_on("ada", phone="+49 170 1", order="W 7", text="new seal")
    assert tag == WorkTag("Line/Press", "ada", "Ada", "+49 170 1", "W 7", "new seal", NOW_US, 0)
    words = "work in progress on Line/Press: Ada (ada), phone +49 170 1, order W 7"
    for path in ("Line/Press", "Line/Press/SP", "Line/Press/Pump/Speed"):
        assert rig.work.blocked(path) == words
    for path in ("Line", "Line/Presses/SP", "Hall/Press", ""):
        assert rig.work.blocked(path) == ""
    rig.restart()
    assert rig.work.blocked("Line/Press/SP") == words


async def test_tag_is_on_record_before_it_is_kept_and_forbids_from_the_first_moment(rig: Rig) -> None:
    seen: list[tuple[bool, int]] = []
    rig.ledger.during = lambda entry: seen.append(
        (bool(rig.work.blocked("Line/Press/SP")), len(rig.store.work_tags()))
    )
    await rig.put_on("ada")
    assert seen == [(True, 0)]
    assert rig.ledger.told("work_tag") == ["put on"]
    await rig.take_off("ada")
    assert seen == [(True, 0), (True, 1)]
    assert (rig.work.blocked("Line/Press/SP"), rig.work.all()) == ("", ())
    assert set(rig.changed) == {"Line/Press"}


async def test_ledger_that_refuses_leaves_tags_as_they_were(rig: Rig) -> None:
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.put_on("ada")
    assert rig.work.blocked("Line/Press") == ""
    rig.ledger.trouble = ""
    await rig.put_on("ada")
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.take_off("ada")
    assert rig.work.blocked("Line/Press")
    rig.restart()
    assert rig.work.blocked("Line/Press")
    assert rig.store.unfinished() == []


async def test_time_never_takes_a_tag_off(rig: Rig) -> None:
    tag = await rig.put_on("ada", until_us=NOW_US + 3600 * S)
    assert rig.work.due() == ()
    rig.clock.run(3600)
    assert rig.work.due() == (tag,)
    rig.clock.run(90 * 86_400)
    rig.restart()
    assert rig.work.blocked("Line/Press/SP")
    assert rig.work.due() == (tag,)


async def test_everybody_has_a_tag_of_their_own_and_takes_off_their_own(rig: Rig) -> None:
    await rig.put_on("ada")
    await rig.put_on("ben")
    assert [tag.by for tag in rig.work.all()] == ["ada", "ben"]
    assert (await rig.take_off("ada")).by == "ada"
    assert "Ben" in rig.work.blocked("Line/Press")
    assert (await rig.take_off("ben")).by == "ben"
    assert rig.work.blocked("Line/Press") == ""


async def test_second_tag_of_one_person_changes_the_first(rig: Rig) -> None:
    await rig.put_on("ada", text="seal")
    rig.clock.run(60)
    changed = await rig.put_on("ada", text="seal and bearing")
    assert (changed.since_us, len(rig.work.all())) == (NOW_US, 1)
    assert rig.ledger.told("work_tag") == ["put on", "changed"]
    rig.restart()
    assert rig.work.all() == (changed,)


async def test_another_person_alone_cannot_take_it_off(rig: Rig) -> None:
    await rig.put_on("ada")
    with pytest.raises(Refused, match="two other people"):
        await rig.take_off("ben")
    for second, secret in (("ben", "secret of ben"), ("BEN", "secret of ben"), ("cy", "wrong"), ("dee", "")):
        with pytest.raises(Refused):
            await rig.take_off("ben", second, secret=secret)
    assert rig.work.blocked("Line/Press")
    assert rig.ledger.told("work_tag") == ["put on"]


async def test_two_other_people_take_it_off_together(rig: Rig) -> None:
    await rig.put_on("ada")
    await rig.take_off("ben", "cy")
    assert rig.work.blocked("Line/Press") == ""
    entry = rig.ledger.entries[-1]
    assert (entry.actor, entry.body["by"], entry.body["tag"]["by"]) == ("ben", ["ben", "cy"], "ada")
    assert "secret of" not in repr(rig.ledger.entries)


async def test_of_several_tags_the_two_people_say_whose(rig: Rig) -> None:
    await rig.put_on("ada")
    await rig.put_on("ben")
    with pytest.raises(Refused, match="say whose"):
        await rig.take_off("cy", "ada")
    await rig.take_off("cy", "ben", owner="Ada")
    assert [tag.by for tag in rig.work.all()] == ["ben"]
    with pytest.raises(Refused, match="no such work tag"):
        await rig.take_off("cy", "ben", owner="ada")


async def test_rights_count_where_the_asset_is(rig: Rig) -> None:
    with pytest.raises(Refused, match="dee may not work tag at Line/Press"):
        await rig.put_on("dee")
    rig.rights.allow("dee", "Line/Press", "work tag")
    await rig.put_on("dee")
    with pytest.raises(Refused, match="at Hall"):
        await rig.put_on("dee", "Hall")
    rig.rights.ended.add("dee")
    with pytest.raises(Refused):
        await rig.take_off("dee")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": " \x00 "}, "name of who works"),
        ({"text": "x" * 2001}, "at most 2000"),
        ({"phone": "1" * 61}, "phone"),
        ({"until_us": NOW_US}, "over already"),
        ({"asset": "Line/Nowhere"}, "no asset"),
        ({"asset": ""}, "no asset"),
    ],
)
async def test_tag_that_makes_no_sense_is_refused_in_words(
    rig: Rig, more: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await rig.put_on("ada", **more)  # pyright: ignore[reportArgumentType]
    assert rig.ledger.entries == []
    assert rig.work.blocked("Line") == ""


async def test_text_shows_every_character(rig: Rig) -> None:
    tag = await rig.put_on("ada", text="seal\x1b[2J\ud800\u202e", order="a\nb")
    assert tag.text.isprintable() and tag.order == "a b"
    rig.restart()
    assert rig.work.all() == (tag,)


async def test_tag_that_was_being_put_on_when_the_power_went_is_on(rig: Rig) -> None:
    class Killed(BaseException):
        """The engine is gone."""

    def kill(entry: RecordEntry) -> None:
        raise Killed

    rig.ledger.during = kill
    with pytest.raises(Killed):
        await rig.put_on("ada")
    rig.restart()
    assert rig.work.blocked("Line/Press/SP")
    rig.ledger.during = None
    await settle(rig.store, rig.ledger)
    assert rig.ledger.entries[-1].body["became"] == "it counts since this start"
    rig.ledger.during = kill
    with pytest.raises(Killed):
        await rig.take_off("ada")
    rig.restart()
    assert rig.work.blocked("Line/Press/SP")
    rig.ledger.during = None
    await settle(rig.store, rig.ledger)
    assert rig.ledger.entries[-1].body["became"] == "it does not count"
    rig.restart()
    assert rig.work.blocked("Line/Press/SP")
    assert rig.store.unfinished() == []


async def test_tag_that_cannot_be_kept_forbids_all_the_same(rig: Rig) -> None:
    rig.ledger.during = lambda entry: rig.store.close()
    with pytest.raises(Refused, match="only until the engine stops"):
        await rig.put_on("ada")
    assert [tag.by for tag in rig.work.all()] == ["ada"]


async def test_nothing_is_written_anywhere_where_the_tags_cannot_be_read(rig: Rig) -> None:
    rig.store.close()
    rig.path.write_bytes(b"")
    rig.start()
    assert "nobody knows where work is in progress" in rig.work.blocked("Hall/SP")


async def test_two_people_at_once_lose_no_tag(rig: Rig) -> None:
    people = ("ada", "ben", "cy")
    rig.ledger.waiting = lambda: asyncio.sleep(0)
    await asyncio.gather(*(rig.put_on(each) for each in people for _ in range(3)))
    assert [tag.by for tag in rig.work.all()] == list(people)
    rig.restart()
    assert [tag.by for tag in rig.work.all()] == list(people)
    assert rig.ledger.told("work_tag").count("put on") == 3


async def test_ledger_tells_the_whole_tag(rig: Rig) -> None:
    tag = await rig.put_on("ada", phone="1", order="2", text="3", until_us=NOW_US + S)
    assert convert(rig.ledger.entries[0].body["tag"], WorkTag) == tag
    assert rig.ledger.entries[0].body["station"] == "north"

"""The gate of a real engine over links and devices that fail: one frame, an honest word, nothing silent."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from engine.client import RequestFailed
from engine.types import Write
from engine.wire import ResolveBody, WriteBody
from tests.faults.gate_rig import (
    MODBUS,
    PLC,
    READ_REQUEST,
    Lane,
    about_writes,
    off,
    resolve,
    rig,
    selected,
    soon,
)
from tests.faults.many_writes import many_writes
from tests.faults.plant_line import plant_line
from tests.people import OLAF, SHIRIN, Person, steps_of
from tests.running import CLOCK, stop, until, watchroom

pytestmark = [pytest.mark.fault, pytest.mark.system, pytest.mark.timeout(240)]


async def test_write_that_a_stalled_link_delivers_late_is_unknown_locked_and_then_told(
    tmp_path: Path,
) -> None:
    """T38. Never "failed": the device does it when the link goes on."""
    async with rig(tmp_path / "line") as made:
        with made.station(OLAF) as olaf:
            lane = made.plc
            write = await stalled(lane, olaf)
            assert write.step == "unknown" and write.is_locked, write
            assert lane.asked() == [], "it is on its way"
            (alarm,) = await off(about_writes, olaf)
            assert alarm.path == PLC and not alarm.acked
            again = await off(olaf.select, PLC, 20.0)
            assert again.step == "rejected" and "is not known yet: it is locked" in again.why
            lane.mend()
            late = await off(olaf.becomes, write.id, "verified", 60.0)
            assert late.why.startswith("executed late") and late.seen == write.new
            assert (lane.asked(), lane.held()) == ([write.new], write.new)
            await off(told_late, olaf)
        steps = steps_of(made.folder, write.id)
        assert steps[-3:] == ["sent", "unknown", "verified"] and "rejected" not in steps


def told_late(person: Person) -> None:
    """Wait for the alarm of a write that came late."""
    until(lambda: any(each.message == "A write came late" for each in person.alarms()), 30, "the alarm")


async def stalled(lane: Lane, person: Person) -> Write:
    """A write that is held up on its way: the link stalls behind the last question before it."""
    for k in range(20):
        write = await off(selected, person, PLC, 10.0 + k)

        def behind(chunk: bytes) -> bytes:
            if READ_REQUEST in chunk:
                lane.proxy.hold("up")
            return chunk

        lane.proxy.garble("up", 1_000_000, behind)
        answer = await off(person.confirm, write)
        if answer.step == "unknown":
            return answer
        assert answer.step == "rejected" and lane.asked() == [], "another question of the driver came first"
        lane.mend()
    raise AssertionError("it is never held up in time")


async def test_silent_modbus_device_gets_exactly_one_write_frame(tmp_path: Path) -> None:
    """T39, counted on the wire before the device."""
    async with rig(tmp_path / "line") as made:
        with made.station(OLAF) as olaf:
            lane, frames = made.modbus, list[bytes]()

            def counted(chunk: bytes) -> bytes:
                if lane.is_write(chunk):
                    frames.append(chunk)
                    lane.device.silent = len(frames) == 1
                return chunk

            write = await off(selected, olaf, MODBUS, 10.0)
            lane.proxy.garble("up", 1_000_000, counted)
            answer = await off(olaf.confirm, write)
            assert answer.step == "unknown" and answer.is_locked, answer
            lane.device.silent = False
            reads = lane.device.reads
            await soon(lambda: lane.device.reads > reads + 20, "it is polled again")
            assert len(frames) == 1 and lane.asked() == [10.0] and lane.held() == 0.0
            assert (await off(olaf.seen, write.id)).step == "unknown", "it shows nothing, so nobody knows"
            with pytest.raises(RequestFailed, match="say how you know"):
                await off(olaf.ask, "resolve", ResolveBody(write.id, False, " "), Write)
            closed = await off(resolve, olaf, write, was_done=False)
            assert closed.step == "closed" and not closed.is_locked
            done = await off(olaf.confirm, await off(selected, olaf, MODBUS, 11.0))
            assert done.step == "verified" and lane.asked() == [10.0, 11.0]
        assert steps_of(made.folder, write.id)[-3:] == ["sent", "unknown", "closed"]


@pytest.mark.parametrize("rounds", [12, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.timeout(900)
async def test_two_operators_at_one_tag_have_one_lease_and_one_write(tmp_path: Path, rounds: int) -> None:
    """T40, over two links of their own to a real engine."""
    luck = random.Random(20_261_123)
    async with rig(tmp_path / "line") as made:
        with made.station(OLAF, "desk 1") as olaf, made.station(SHIRIN, "desk 2") as shirin:
            wanted = list[float]()
            for k in range(rounds):
                lane = luck.choice((made.plc, made.modbus))
                await off(selected_and_cancelled, olaf, lane.path, 500_000.0 + k)
                both = await asyncio.gather(
                    *(
                        _a_little_later(luck.uniform(0, 0.004), person, lane.path, 10.0 + 2 * k + number)
                        for number, person in enumerate((olaf, shirin))
                    )
                )
                winners = [each for each in both if each.step == "selected"]
                (loser,) = [each for each in both if each.step == "rejected"]
                assert len(winners) == 1 and "Nobody else is changing it" in loser.why, both
                other = shirin if winners[0].by == OLAF else olaf
                with pytest.raises(RequestFailed, match="who alone can go on with it"):
                    await off(other.confirm, winners[0])
                done = await off((olaf if other is shirin else shirin).confirm, winners[0])
                assert done.step == "verified", done.why
                wanted.append(done.new)
            sent = sorted(made.plc.asked() + made.modbus.asked())
            assert sent == sorted(wanted), "one write a round, each once"


def selected_and_cancelled(person: Person, path: str, value: float) -> None:
    """The tag is free and fresh."""
    person.ask("cancel", WriteBody(selected(person, path, value).id), Write)


async def _a_little_later(seconds: float, person: Person, path: str, value: float) -> Write:
    await asyncio.sleep(seconds)
    return await off(person.select, path, value)


async def test_kill_before_the_frame_leaves_an_unknown_write_that_is_never_sent(tmp_path: Path) -> None:
    """T03 between confirmed and sent."""
    async with rig(tmp_path / "line") as made:
        lane = made.modbus
        with made.station(OLAF) as olaf:
            write = await off(selected, olaf, MODBUS, 10.0)
            lane.device.silent = True  # the last question before the write is not answered
            await off(olaf.begin_confirm, write)
            # On record first and kept then: only what is shown is both.
            await off(olaf.becomes, write.id, "confirmed")
            await made.kill()
        assert steps_of(made.folder, write.id)[-1] == "confirmed"
        lane.mend()
        await made.start()
        with made.station(OLAF) as olaf:
            shown = await off(olaf.seen, write.id)
            assert shown.step == "unknown" and shown.is_locked and "may have been done" in shown.why
            assert [each.path for each in await off(about_writes, olaf)] == [MODBUS]
            assert "locked" in (await off(olaf.select, MODBUS, 11.0)).why
            reads = lane.device.reads
            await soon(lambda: lane.device.reads > reads + 40, "it is looked at")
            assert lane.asked() == [], "nothing is sent again, nor for the first time"
            assert (await off(resolve, olaf, write, was_done=False)).step == "closed"
            done = await off(olaf.confirm, await off(selected, olaf, MODBUS, 11.0))
            assert done.step == "verified" and lane.asked() == [11.0]
        assert watchroom("ledger", "verify", made.folder).returncode == 0


async def test_kill_after_the_frame_finds_what_the_device_did_and_sends_nothing_again(tmp_path: Path) -> None:
    """T03 between sent and verified."""
    async with rig(tmp_path / "line") as made:
        lane = made.plc
        with made.station(OLAF) as olaf:
            write = await off(selected, olaf, PLC, 10.0)
            lane.device.reply.clear()  # it does it, and does not answer
            await off(olaf.begin_confirm, write)
            await soon(lambda: lane.asked() == [10.0], "the frame is at the device")
            await made.kill()
            token = olaf.token
        assert steps_of(made.folder, write.id)[-1] == "sent"
        lane.mend()
        await made.start()
        with made.station(OLAF) as olaf:
            late = await off(olaf.becomes, write.id, "verified")
            assert late.why.startswith("executed late") and lane.asked() == [10.0]
            told = {each.message for each in await off(about_writes, olaf)}
            assert told & {"A write came late", "What was written is in doubt"}
            olaf.client.session = token
            assert "started anew" in (await off(olaf.session)).ended
        assert steps_of(made.folder, write.id)[-3:] == ["sent", "unknown", "verified"]
        assert watchroom("ledger", "verify", made.folder).returncode == 0


@pytest.mark.parametrize("writes", [24, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.timeout(3600)
async def test_approved_writes_with_injected_faults_end_right_and_none_fails_silently(
    tmp_path: Path, writes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the demo plant's own servers, in a process of theirs."""
    async with plant_line(tmp_path) as made:
        found = await many_writes(made, writes, seed=1)
    with capsys.disabled():
        ends = dict(sorted(found.ends.items()))
        print(f"\n  {writes} approved writes: {ends}; 0 silent failures, one frame each")


async def test_a_stop_does_not_wait_for_a_device_that_does_not_answer_and_the_write_stays_unknown(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path / "line", f"{PLC},0.01,20\n{MODBUS},0.01,20\n") as made:
        lane = made.plc
        with made.station(OLAF) as olaf:
            write = await off(selected, olaf, PLC, 10.0)
            lane.device.reply.clear()  # it does it, and does not answer
            await off(olaf.begin_confirm, write)
            await soon(lambda: lane.asked() == [10.0], "the frame is at the device")
            began_us = CLOCK.mono_us()
            await off(stop, made.process)
        assert CLOCK.mono_us() - began_us < 10e6, "half of the time that the device has"
        assert steps_of(made.folder, write.id)[-2:] == ["sent", "unknown"]
        lane.mend()
        await made.start()
        with made.station(OLAF) as olaf:
            late = await off(olaf.becomes, write.id, "verified")
            assert late.why.startswith("executed late") and lane.asked() == [10.0]

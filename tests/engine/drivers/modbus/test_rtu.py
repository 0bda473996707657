"""A serial line over pseudo-terminals: late answers, noise, wrong checksums, two units on one bus."""

import asyncio
import os
from pathlib import Path

import pytest

from engine.drivers.driver import NotReady
from engine.drivers.modbus import rtu
from engine.drivers.modbus.endpoint import SerialPlace
from engine.drivers.modbus.memory import Steps
from engine.drivers.modbus.rtu import SerialWire, open_rtu
from engine.drivers.modbus.wire import ExceptionReply, Gone, Question, Silent
from tests.engine.drivers.modbus.peer import UNIT, Bus, registers, rtu_numbered, serial_bus, with_crc
from tests.engine.drivers.recording import until

if os.name != "posix":
    pytest.skip("pseudo-terminals are a thing of POSIX systems", allow_module_level=True)

import termios

SHORT_S = 0.2
ECHO = 8


def question(start: int, count: int = 2, unit: int = UNIT) -> Question:
    return Question(unit, "holding", start, count)


def at_once(bus: Bus, request: bytes) -> None:
    bus.write(rtu_numbered(request))


def numbers(start: int, count: int = 2) -> list[int]:
    return list(range(start, start + count))


@pytest.mark.parametrize(("table", "function"), [("coil", 1), ("discrete", 2), ("holding", 3), ("input", 4)])
async def test_each_table_is_read_with_its_function_and_checksum(table: str, function: int) -> None:
    async with serial_bus(at_once) as bus, open_rtu(bus.place, Steps()) as wire:
        found = (await wire.ask(Question(UNIT, table, 40, 9), 2)).tolist()
        assert found == ([1] * 9 if function <= 2 else numbers(40, 9))
        assert [request[:6] for request in bus.requests] == [bytes([UNIT, function, 0, 40, 0, 9])]


async def test_125_registers_come_in_one_answer() -> None:
    async with serial_bus(at_once) as bus, open_rtu(bus.place, Steps()) as wire:
        assert (await wire.ask(question(1000, 125), 2)).tolist() == numbers(1000, 125)


async def test_an_answer_in_single_bytes_is_put_together() -> None:
    def slowly(bus: Bus, request: bytes) -> None:
        for place, byte in enumerate(rtu_numbered(request)):
            bus.later(0.003 * place, bytes([byte]))

    async with serial_bus(slowly) as bus, open_rtu(bus.place, Steps()) as wire:
        assert (await wire.ask(question(7), 2)).tolist() == [7, 8]


async def test_an_exception_reply_carries_its_code() -> None:
    def refuse(bus: Bus, request: bytes) -> None:
        bus.write(with_crc(bytes([UNIT, 0x83, 2])))

    async with serial_bus(refuse) as bus, open_rtu(bus.place, Steps()) as wire:
        with pytest.raises(ExceptionReply) as caught:
            await wire.ask(question(0), 2)
        assert caught.value.code == 2


@pytest.mark.fault
@pytest.mark.parametrize(
    "noise", [b"\x00", b"\xff\xfe", bytes([UNIT]), bytes([UNIT, 3]), bytes([UNIT, 3, 4, 1, 1, 1, 1, 1, 1])]
)
async def test_noise_before_and_after_an_answer_does_no_harm(noise: bytes) -> None:
    def noisy(bus: Bus, request: bytes) -> None:
        bus.write(noise + rtu_numbered(request) + noise)

    async with serial_bus(noisy) as bus, open_rtu(bus.place, Steps()) as wire:
        for start in range(0, 50, 10):
            assert (await wire.ask(question(start), 2)).tolist() == numbers(start)


WRONG = {
    "a wrong checksum": lambda q: rtu_numbered(q)[:-1] + b"\x00",
    "another unit": lambda q: with_crc(bytes([UNIT + 1]) + registers(1, 2)),
    "another function": lambda q: with_crc(bytes([UNIT]) + registers(1, 2, function=4)),
    "an exception to another function": lambda q: with_crc(bytes([UNIT, 0x84, 2])),
    "too few registers": lambda q: with_crc(bytes([UNIT]) + registers(1)),
    "too many registers": lambda q: with_crc(bytes([UNIT]) + registers(1, 2, 3)),
    "half a frame": lambda q: rtu_numbered(q)[:4],
    "the request itself": lambda q: q,
    "nothing": lambda q: b"",
    "noise": lambda q: bytes(range(256)) * 4,
}


@pytest.mark.fault
@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_answer_never_becomes_a_value(wrong: str) -> None:
    async with (
        serial_bus(lambda bus, q: bus.write(WRONG[wrong](q))) as bus,
        open_rtu(bus.place, Steps()) as wire,
    ):
        with pytest.raises(Silent) as caught:
            await wire.ask(question(0), SHORT_S)
        assert len(bus.requests) == 1, "asked exactly once"
        if wrong == "another unit":
            assert (caught.value.strange, caught.value.whole) == (f"as unit {UNIT + 1}", True)
        else:
            assert ("bytes that are no answer" in caught.value.strange) == (wrong != "nothing")


@pytest.mark.fault
async def test_the_echo_of_a_two_wire_adapter_is_not_taken_for_the_answer() -> None:
    async with (
        serial_bus(lambda bus, q: bus.write(q + rtu_numbered(q))) as bus,
        open_rtu(bus.place, Steps()) as wire,
    ):
        for start in (0, 3, 4, 1027):
            assert (await wire.ask(question(start), 2)).tolist() == numbers(start)


@pytest.mark.fault
async def test_an_answer_that_comes_late_is_drained_before_the_next_question() -> None:
    def late_once(bus: Bus, request: bytes) -> None:
        bus.later(SHORT_S + 0.05 if len(bus.requests) == 1 else 0, rtu_numbered(request))

    steps = Steps()
    async with serial_bus(late_once) as bus, open_rtu(bus.place, steps) as wire:
        with pytest.raises(Silent):
            await wire.ask(question(100), SHORT_S, hush=lambda: 0.15)
        assert set(steps.unsure) == {UNIT}
        assert (await wire.ask(question(200), SHORT_S)).tolist() == [200, 201]
        assert [request[1] for request in bus.requests] == [3, ECHO, 3], "an echo in between"
        assert steps.unsure == {}


@pytest.mark.fault
@pytest.mark.parametrize("late_s", [0.25, 0.45, 0.65, 0.85])
@pytest.mark.parametrize("echoes", ["echo", "refused", "ignored"])
async def test_a_device_that_is_always_late_never_gives_the_value_of_another_question(
    late_s: float, echoes: str
) -> None:
    """The same unit, function and length every time: only the order tells them apart (pymodbus #2709)."""

    def late(bus: Bus, request: bytes) -> None:
        refused = request[1] == ECHO and echoes == "refused"
        if request[1] != ECHO or echoes != "ignored":
            bus.later(late_s, with_crc(bytes([UNIT, 0x88, 1])) if refused else rtu_numbered(request))

    async with serial_bus(late) as bus:
        steps = Steps()
        for _ in range(2):  # a new connection does not forget that answers are outstanding
            async with open_rtu(bus.place, steps) as wire:
                for start in range(0, 60, 10):
                    try:
                        found = (await wire.ask(question(start), SHORT_S, hush=lambda: 0.01)).tolist()
                    except Silent:
                        continue
                    assert found == numbers(start)


@pytest.mark.fault
async def test_a_refused_echo_counts_only_when_every_earlier_one_was_refused_too() -> None:
    """Two refusals in one piece: the first is that of an echo from before the question."""
    steps = Steps()
    refusal = with_crc(bytes([UNIT, 0x88, 1]))
    waiting: list[bytes] = []

    def answer(bus: Bus, request: bytes) -> None:
        waiting.append(refusal if request[1] == ECHO else rtu_numbered(request))
        if len(bus.requests) == 2:
            bus.write(b"".join(waiting))
        elif len(bus.requests) > 2:
            bus.write(waiting[-1])

    async with serial_bus(answer) as bus, open_rtu(bus.place, steps) as wire:
        steps.unsure[UNIT] = (asyncio.get_running_loop().time(), "holding")
        steps.echoes.add(UNIT)
        with pytest.raises(Silent):
            await wire.ask(question(0), SHORT_S)
        assert (await wire.ask(question(5), SHORT_S)).tolist() == [5, 6]
        assert [request[1] for request in bus.requests] == [ECHO, ECHO, 3]
        assert steps.owed == {UNIT: []}


@pytest.mark.fault
async def test_a_device_that_ignores_the_echo_is_asked_for_another_table_instead() -> None:
    lost = [1]

    def answer(bus: Bus, request: bytes) -> None:
        if request[1] != ECHO and not (lost and lost.pop()):
            bus.write(rtu_numbered(request))

    async with serial_bus(answer) as bus, open_rtu(bus.place, Steps()) as wire:
        for _ in range(2):
            with pytest.raises(Silent):
                await wire.ask(question(0), SHORT_S)
        assert (await wire.ask(question(5), SHORT_S)).tolist() == [5, 6]
        assert (await wire.ask(question(6), SHORT_S)).tolist() == [6, 7]
        assert [request[1] for request in bus.requests] == [3, ECHO, 4, 3, 3]


@pytest.mark.fault
async def test_a_device_that_answers_nothing_else_is_read_again_when_no_answer_can_come_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rtu, "LATEST_ANSWER_S", 3.5 * SHORT_S)
    monkeypatch.setattr(rtu, "LATEST_ANSWER_TIMES", 0)
    lost = [1]

    def answer(bus: Bus, request: bytes) -> None:
        if request[1] == 3 and not (lost and lost.pop()):
            bus.write(rtu_numbered(request))

    async with serial_bus(answer) as bus, open_rtu(bus.place, Steps()) as wire:
        for _ in range(3):
            with pytest.raises(Silent):
                await wire.ask(question(0), SHORT_S)
        assert (await wire.ask(question(5), SHORT_S)).tolist() == [5, 6]
        assert [request[1] for request in bus.requests] == [3, ECHO, 4, 4, 3]


@pytest.mark.fault
async def test_a_cancelled_question_is_outstanding_too() -> None:
    steps = Steps()
    async with serial_bus(lambda bus, q: bus.later(0.05, rtu_numbered(q))) as bus:
        async with open_rtu(bus.place, steps) as wire:
            task = asyncio.create_task(wire.ask(question(0), 5))
            await until(lambda: bus.requests)
            task.cancel()
            await asyncio.wait({task}, timeout=2)
            assert task.cancelled()
            assert set(steps.unsure) == {UNIT}
            assert (await wire.ask(question(50), 2)).tolist() == [50, 51]


async def test_between_two_frames_the_line_is_silent_for_3_5_characters() -> None:
    times: list[tuple[float, float]] = []
    loop = asyncio.get_running_loop()

    def note(bus: Bus, request: bytes) -> None:
        times.append((loop.time(), 0.0))
        bus.write(rtu_numbered(request))

    async with serial_bus(note, baud=1200) as bus, open_rtu(bus.place, Steps()) as wire:
        for start in range(4):
            await wire.ask(question(start), 2)
        gaps = [later[0] - earlier[0] for earlier, later in zip(times, times[1:], strict=False)]
        assert min(gaps) >= bus.place.silence_s > 0.029


@pytest.mark.fault
async def test_a_line_that_is_never_quiet_is_silence_and_not_an_endless_wait() -> None:
    async with serial_bus(at_once, baud=300) as bus, open_rtu(bus.place, Steps()) as wire:

        async def babble() -> None:
            while True:
                bus.write(b"\x55")
                await asyncio.sleep(0.0005)

        task = asyncio.create_task(babble())
        await asyncio.sleep(0)
        await until(lambda: isinstance(wire, SerialWire) and wire.last_byte_s > 0)
        with pytest.raises(Silent, match="without end"):
            await asyncio.wait_for(wire.ask(question(0), SHORT_S), 5)
        task.cancel()
        await asyncio.wait({task})


@pytest.mark.fault
async def test_an_adapter_that_is_pulled_out_ends_the_line_at_once() -> None:
    far, near = os.openpty()
    place = SerialPlace(os.ttyname(near), parity="N")
    os.close(near)
    ends: list[str] = []
    async with open_rtu(place, Steps()) as wire:
        wire.on_end = ends.append
        task = asyncio.create_task(wire.ask(question(0), 30))
        await asyncio.sleep(0)
        os.close(far)
        with pytest.raises(Gone, match="stopped working"):
            await asyncio.wait_for(task, 5)
        assert len(ends) == 1


async def test_a_port_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="ttyNone cannot be opened: there is no such port") as caught:
        async with open_rtu(SerialPlace(str(tmp_path / "ttyNone")), Steps()):
            pass
    assert "plugged in" in caught.value.do


async def test_a_port_that_is_in_use_is_said_to_be() -> None:
    async with serial_bus(at_once) as bus, open_rtu(bus.place, Steps()):
        with pytest.raises(NotReady, match="it is in use") as caught:
            async with open_rtu(bus.place, Steps()):
                pass
        assert "end the other program" in caught.value.do


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (termios.error(22, "Invalid argument"), "refuses one of the settings baud=1200, parity=E, stop=2"),
        (ValueError("Not a valid parity: 'E'"), "refuses one of the settings baud=1200, parity=E, stop=2"),
        (OSError("Could not configure port: (25, 'Inappropriate ioctl for device')"), "it is no serial port"),
    ],
)
async def test_a_port_that_refuses_its_settings_has_them_named(
    error: Exception, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **words: object) -> None:
        raise error

    monkeypatch.setattr(rtu, "SerialTransport", refuse)
    with pytest.raises(NotReady, match=what):
        async with open_rtu(SerialPlace("/dev/ttyS7", 1200, "E", 2), Steps()):
            pass

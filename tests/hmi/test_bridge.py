"""The bridge between a real engine and a real window."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.client import AlarmsBody, Client
from engine.types import Status
from hmi.bridge import Bridge
from tests.hmi.looking import see, window
from tests.running import PRESSURE, Plant, demo_plant, engine, stop_detached

pytestmark = [pytest.mark.screen, pytest.mark.system]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with demo_plant(tmp_path_factory.mktemp("b") / "demo") as running, engine(running.folder):
        yield running


class Calls:
    """Counts what a window is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, shown: Any) -> None:
        self.numbers = self.trends = 0
        on_numbers, on_trends = shown.on_numbers, shown.on_trends

        def numbers(snapshot: Any) -> None:
            self.numbers += 1
            on_numbers(snapshot)

        def trends(now_us: int) -> None:
            self.trends += 1
            on_trends(now_us)

        monkeypatch.setattr(shown, "on_numbers", numbers)
        monkeypatch.setattr(shown, "on_trends", trends)

    def reset(self) -> None:
        self.numbers = self.trends = 0


def live(shown: Any) -> bool:
    snapshot = shown.snapshot
    return shown.stalled is None and snapshot is not None and bool((snapshot.status == Status.GOOD).all())


def test_value_on_the_wire_is_the_number_in_the_window(qapp: QApplication, plant: Plant) -> None:
    with window(qapp, plant.folder) as (shown, bridge):
        see(lambda: live(shown), 30, "live values")
        paths = [tag.path for tag in shown.tags]
        row = paths.index(PRESSURE)
        curve = bridge.curve(row, bridge.now_us() - 60_000_000, bridge.now_us(), 500)
        assert len(curve.time_us) > 2
        assert 0 <= shown.snapshot.value[row] <= 220


def test_hidden_window_is_given_nothing(
    qapp: QApplication, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with window(qapp, plant.folder) as (shown, _):
        see(lambda: live(shown), 30, "live values")
        calls = Calls(monkeypatch, shown)
        see(lambda: calls.numbers > 2 and calls.trends > 5, 10, "frames while it is shown")
        shown.hide()
        QTest.qWait(50)
        calls.reset()
        QTest.qWait(1000)
        assert (calls.numbers, calls.trends) == (0, 0)
        shown.show()
        see(lambda: calls.numbers > 0 and calls.trends > 0, 10, "frames once it is shown again")


def test_answer_comes_on_a_later_frame_and_never_twice(qapp: QApplication, plant: Plant) -> None:
    with window(qapp, plant.folder) as (shown, bridge):
        see(lambda: live(shown), 30, "live values")
        done: list[Any] = []
        errors: list[str] = []
        bridge.submit("status", {}, done.append, errors.append)
        assert done == [], "the GUI thread does not wait"
        see(lambda: done, 5, "the answer")
        QTest.qWait(200)
        assert len(done) == 1
        assert done[0]["engine"]["tags"] == 16
        bridge.submit("fly", {}, done.append, errors.append)
        see(lambda: errors, 5, "the refusal")
        assert "does not know" in errors[0]


def test_request_without_an_engine_is_refused_not_queued(qapp: QApplication, tmp_path: Path) -> None:
    source = '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:1"\n'
    (tmp_path / "plant.toml").write_text("[plant]\nname = 5\n" + source)
    (tmp_path / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\n")
    with window(qapp, tmp_path) as (shown, bridge):
        errors: list[str] = []
        bridge.submit("status", {}, errors.append, errors.append)
        assert errors == ["the engine does not answer; nothing was sent"]
        words = see(lambda: "plant.toml:2" in (shown.stalled or "") and shown.stalled, 15, "why")
        assert "error" in words, "the window says why the engine does not start"
    stop_detached(tmp_path)


def test_window_hears_that_a_source_was_lost(qapp: QApplication, tmp_path: Path) -> None:
    with demo_plant(tmp_path / "demo") as own, engine(own.folder), window(qapp, own.folder) as (shown, _):
        see(lambda: live(shown), 30, "live values")
        own.process.kill()
        see(lambda: all(each.state != "connected" for each in shown.sources), 8, "both sources are lost")
        see(lambda: bool(shown.snapshot.stale.all()), 8, "every value is stale")


def test_engine_that_is_slow_to_answer_is_asked_one_question_at_a_time(
    qapp: QApplication, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with window(qapp, plant.folder) as (shown, bridge):
        see(lambda: live(shown), 30, "live values")
        client: Any = bridge._client  # noqa: SLF001
        asked: list[str] = []
        request = client.request

        def swallowed(op: str, body: Any = None, session: str = "") -> int:
            asked.append(op)
            return -len(asked) if op == "status" else request(op, body, session)

        see(lambda: not bridge._is_asked, 5, "no question is open")  # noqa: SLF001
        monkeypatch.setattr(client, "request", swallowed)
        see(lambda: asked.count("beat") >= 3, 10, "three seconds of asking")
        assert asked.count("status") == 1


PARTS = {
    "on_numbers": "numbers",
    "on_trends": "trends",
    "set_alarm_book": "alarms",
    "set_sources": "state of",
}


@pytest.mark.parametrize("failing", PARTS)
def test_window_that_cannot_show_what_comes_says_that_it_is_old_until_it_can(
    qapp: QApplication, plant: Plant, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    with window(qapp, plant.folder) as (shown, bridge):
        see(lambda: live(shown), 30, "live values")
        works, given = getattr(shown, failing), list[Any]()
        with monkeypatch.context() as broken:
            broken.setattr(shown, failing, lambda *_: {}["a fault of ours"])
            bridge._is_list_news = True  # noqa: SLF001
            words = see(lambda: shown.stalled, 10, "that it is marked")
            assert f"cannot show its {PARTS[failing]}" in words and "hmi.log" in words
            QTest.qWait(500)
            assert shown.stalled, "it stays marked"
            broken.setattr(shown, failing, lambda *told: (given.append(told), works(*told)))
            see(lambda: shown.stalled is None, 10, "that it is well again")
        assert given, "what it could not show is shown"
        see(lambda: live(shown), 10, "live values again")


def test_window_that_cannot_draw_a_trend_is_well_again_where_there_is_none(
    qapp: QApplication, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with window(qapp, plant.folder) as (shown, _):
        see(lambda: live(shown), 30, "live values")
        monkeypatch.setattr(shown, "on_trends", lambda *_: {}["a fault of ours"])
        see(lambda: "trends" in (shown.stalled or ""), 10, "that it is marked")
        shown.show_display("alarms")
        see(lambda: shown.stalled is None, 10, "a display that draws no trend")


class Idle:
    """Seeks no engine."""

    process, attempt = None, 0

    def __init__(self, folder: Path) -> None:
        pass

    def stop(self) -> None:
        pass


def test_another_engine_is_asked_for_all_its_alarms(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a step of the clock its versions may be those of the engine before."""
    asked: list[tuple[str, object]] = []

    class Another:
        def request(self, op: str, body: object, session: str) -> int:
            asked.append((op, body))
            return len(asked)

        def close(self) -> None:
            pass

    monkeypatch.setattr("hmi.bridge.bridge.Attaching", Idle)
    bridge = Bridge(tmp_path)
    try:
        bridge._book.version = 77  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
        bridge._take_client(cast("Client", Another()))  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
        bridge._ask_alarms()  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
        assert asked[-1] == ("alarms", AlarmsBody(0))
    finally:
        bridge._client = None  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
        bridge.close()

"""Alarms that an OPC UA server keeps, from its wire to our list, journal and command line, and back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.engine.drivers.opcua.conftest import RealServer, StartServer, start_server
from tests.faults.plants import write_project
from tests.running import engine, until
from tests.system.test_alarms import changes, done, listed, ran

__all__ = ["start_server"]
pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
SPACE = "urn:test:a"
PUMP = "Line/Press/Pump"


def server_at(start: StartServer, *names: str, port: int = 0, confirms: bool = False) -> RealServer:
    server = start([(SPACE, "Pump", 1.0)], namespaces=SPACE, port=port)
    server.order(do="add_alarm", names=names, own=True, options={"confirms": confirms})
    return server


def project(folder: Path, server: RealServer) -> Path:
    source = {"id": "plc", "driver": "opcua", "endpoint": server.endpoint, "security": "none"}
    write_project(folder, [source], [f"{PUMP},plc,nsu={SPACE};s=Pump,5"])
    with (folder / "plant.toml").open("a") as file:
        file.write("unsecured_writes = true\n")
    return folder


def named(folder: Path) -> dict[str, str]:
    """Letters of the server's alarms by name."""
    return {each["name"]: each["letter"] for each in listed(folder) if each["kind"] == "device"}


def count(folder: Path) -> Counter[tuple[str, str]]:
    """How often each thing happened to each alarm of the server."""
    return Counter((each.name, each.what) for each in changes(folder) if each.kind == "device")


def test_server_is_told_of_an_acknowledgement_and_its_answer_is_our_record(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = server_at(start_server, "High", confirms=True)
    folder = project(tmp_path / "line", server)
    with engine(folder):
        until(lambda: server.order(do="alarm", name="High")["calls"].get("ConditionRefresh"), 20, "asked")
        server.order(do="set_alarm", names=["High"], active=True, message="Pump is hot")
        (alarm,) = until(lambda: listed(folder), 10, "it is listed")
        assert (alarm["tag"], alarm["kind"], alarm["letter"]) == (PUMP, "device", "B")
        assert (alarm["message"], alarm["priority"]) == ("Pump is hot", 2)

        number = str(alarm["id"])
        done(ran("alarms", "ack", folder, number, "--by", "Ann"))
        until(lambda: server.order(do="alarm", name="High")["acked"], 5, "its server was told")
        assert "Ann" in server.order(do="alarm", name="High")["comment"]
        assert not server.order(do="alarm", name="High")["confirmed"]
        assert named(folder) == {"High": "B"}, "it still waits for a person: to be confirmed"
        until(lambda: ran("alarms", "ack", folder, number, "--by", "Ann").code == 0, 10, "confirmed")
        until(lambda: server.order(do="alarm", name="High")["confirmed"], 5, "its server was told")
        until(lambda: named(folder) == {"High": "C"}, 5, "its server says so")

        done(ran("alarms", "shelve", folder, number, "--for", "10m", "--reason", "gauge", "--by", "Bob"))
        until(lambda: named(folder) == {"High": "E"}, 5, "shelved by its server")
        done(ran("alarms", "unshelve", folder, number, "--by", "Bob"))
        until(lambda: named(folder) == {"High": "C"}, 5, "back")
        server.order(do="set_alarm", names=["High"], active=False)
        until(lambda: named(folder) == {}, 5, "it is over")
    found = count(folder)
    assert [found["High", what] for what in ("active", "acknowledged", "shelved", "unshelved")] == [
        1,
        1,
        1,
        1,
    ]
    assert found["High", "returned"] == 1
    assert max(found.values()) == 1, found


def test_refresh_after_a_lost_link_brings_no_alarm_twice_and_ends_what_is_gone(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = server_at(start_server, "High", "Low")
    folder = project(tmp_path / "line", server)
    with engine(folder):
        until(lambda: server.order(do="alarm", name="High")["calls"].get("ConditionRefresh"), 20, "asked")
        server.order(do="set_alarm", names=["High", "Low"], active=True)
        until(lambda: named(folder) == {"High": "B", "Low": "B"}, 10, "both are listed")
        low = next(each for each in listed(folder) if each["name"] == "Low")
        done(ran("alarms", "ack", folder, str(low["id"]), "--by", "Ann"))
        until(lambda: named(folder) == {"High": "B", "Low": "C"}, 10, "one is acknowledged")

        server.freeze()
        until(lambda: any(each["kind"] == "link" for each in listed(folder)), 30, "the link is missed")
        assert named(folder) == {"High": "B", "Low": "C"}, "held"
        server.thaw()
        until(
            lambda: all(each["kind"] != "link" or not each["active"] for each in listed(folder)), 30, "back"
        )
        before = count(folder)
        until(lambda: server.order(do="alarm", name="High")["calls"]["ConditionRefresh"] > 1, 20, "refreshed")
        assert named(folder) == {"High": "B", "Low": "C"}
        assert (
            count(folder)
            == before
            == {
                ("High", "active"): 1,
                ("Low", "active"): 1,
                ("Low", "acknowledged"): 1,
            }
        )

        port = server.port
        server.kill()
        again = server_at(start_server, "High", "Low", port=port)
        again.order(do="set_alarm", names=["High"], active=True)
        until(lambda: named(folder) == {"High": "B"}, 40, "the new one knows nothing of the other")
        found = count(folder)
    assert (found["High", "active"], found["Low", "active"]) == (1, 1)
    assert (found["Low", "removed"], found["High", "removed"]) == (1, 0)

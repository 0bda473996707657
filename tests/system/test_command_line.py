"""The command line on a running demo plant: what every verb prints and how it ends."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import AIR, PRESSURE, Plant, demo_plant, engine, eyes, until, watchroom

pytestmark = pytest.mark.system
SECURED = '[[sources]]\nid = "lab"\ndriver = "opcua"\nendpoint = "opc.tcp://127.0.0.1:{port}"\n'
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with demo_plant(tmp_path_factory.mktemp("p") / "demo") as running, engine(running.folder):
        with eyes(running.folder) as seen:
            until(seen.all_good, 20, "every tag of the demo plant is good")
        yield running


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_read_gives_value_quality_times_and_age_of_both_protocols(plant: Plant) -> None:
    done = watchroom("read", plant.folder, PRESSURE, AIR, "--json")
    assert done.returncode == 0
    pressure, air = lines(done)
    assert [pressure["tag"], air["tag"]] == [PRESSURE, AIR]
    for each in (pressure, air):
        assert each["quality"] == "good"
        assert each["status"] == "0x00000000"
        assert each["stale"] is False
        assert each["unit"] == "bar"
        assert 0 <= float(str(each["age_s"])) < 3
        assert TIME.match(str(each["source_time"]))
        assert TIME.match(str(each["receive_time"]))
    assert 0 <= float(str(pressure["value"])) <= 220
    assert 5 <= float(str(air["value"])) <= 8


def test_unknown_tag_is_a_bad_line_and_exit_1(plant: Plant) -> None:
    done = watchroom("read", plant.folder, "No/such tag", PRESSURE, "--json")
    assert done.returncode == 1
    unknown, known = lines(done)
    assert unknown["value"] is None
    assert unknown["quality"] == "bad"
    assert unknown["reason"] == "no such tag in tags.csv"
    assert known["quality"] == "good"


def test_integers_and_booleans_are_printed_as_such(plant: Plant) -> None:
    strokes, running = lines(
        watchroom(
            "read",
            plant.folder,
            "Framing line 3/S50 Roof press/Ram/Strokes",
            "Framing line 3/S50 Roof press/Ram/Running",
            "--json",
        )
    )
    assert type(strokes["value"]) is int
    assert type(running["value"]) is bool


def test_watch_prints_changes_until_it_is_stopped(plant: Plant) -> None:
    watching = subprocess.Popen(
        [sys.executable, "-m", "engine", "read", str(plant.folder), PRESSURE, "--watch", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout is not None
    try:
        seen = [json.loads(watching.stdout.readline()) for _ in range(4)]
    finally:
        watching.terminate()
        watching.wait()
        watching.stdout.close()
    assert len({each["source_time"] for each in seen}) == 4


def test_status_gives_the_engine_first_then_each_source(plant: Plant) -> None:
    done = watchroom("status", plant.folder, "--json")
    assert done.returncode == 0
    first, *sources = lines(done)
    assert first["kind"] == "engine"
    assert first["tags"] == first["good"] == 16
    assert first["bad"] == first["uncertain"] == 0
    assert float(str(first["rate_in"])) > 0
    assert [(each["id"], each["driver"], each["state"]) for each in sources] == [
        ("press", "opcua", "connected"),
        ("utilities", "modbus", "connected"),
    ]
    assert sources[0]["security"] != "none", "the demo press is read over a signed and encrypted link"
    assert sources[1]["security"] == "none"
    assert {"endpoint", "tags", "good", "rate_in", "dropped", "reconnects", "last_error", "age_s"} <= set(
        sources[0]
    )
    assert {"what", "do", "clock_offset_s", "notes"} <= set(sources[0])
    assert (first["late"], first["duplicates"]) == (0, 0)


def test_every_verb_also_speaks_plainly(plant: Plant) -> None:
    for words in (("read", plant.folder, PRESSURE), ("status", plant.folder), ("tags", plant.folder)):
        done = watchroom(*words)
        assert done.returncode == 0
        assert done.stdout.strip()
        assert "{" not in done.stdout


def test_browse_finds_a_variable_whose_address_can_go_into_tags_csv(plant: Plant) -> None:
    def below(node: str) -> list[dict[str, object]]:
        return lines(watchroom("browse", plant.folder, "press", *([node] if node else []), "--json"))

    found: dict[str, str] = {}
    todo = [""]
    while todo and len(found) < 400:
        for each in below(todo.pop()):
            if each["kind"] == "variable":
                found[str(each["address"])] = str(each["type"])
            elif "urn:watchroom:demo" in str(each["address"]):
                todo.append(str(each["address"]))
    assert found["nsu=urn:watchroom:demo;s=S50.Pressure"] == "float64"


def test_browsing_a_modbus_device_says_why_not(plant: Plant) -> None:
    done = watchroom("browse", plant.folder, "utilities")
    assert done.returncode == 1
    assert "register list" in done.stderr


def test_only_a_source_that_shows_certificates_can_be_trusted(plant: Plant) -> None:
    mark = "0" * 64
    for words in ((), ("--thumbprint", mark)):
        modbus = watchroom("trust", plant.folder, "utilities", *words)
        assert modbus.returncode == 1
        assert "'utilities' has no certificates to trust" in modbus.stderr
    unseen = watchroom("trust", plant.folder, "press", "--thumbprint", mark)
    assert unseen.returncode == 1
    assert f"source 'press' has shown no certificate with SHA-256 thumbprint {mark}" in unseen.stderr
    assert re.match(
        r"trusted +[0-9a-f]{64} .* valid \d{4}-", watchroom("trust", plant.folder, "press").stdout
    )
    needs = watchroom("trust", plant.folder, "press", "--remove")
    assert (needs.returncode, "--thumbprint" in needs.stderr) == (2, True)


def test_one_source_is_told_at_length(plant: Plant) -> None:
    (press,) = lines(watchroom("status", plant.folder, "--source", "press", "--json"))
    assert press["status"]["id"] == "press"
    assert press["status"]["what"] == press["status"]["do"] == ""
    assert (press["troubled"], press["troubled_count"]) == ([], 0)
    assert [each["state"] for each in press["events"]][-1] == "connected"
    assert {each["place"] for each in press["certificates"]} == {"own", "trusted"}
    said = watchroom("status", plant.folder, "--source", "press").stdout
    assert "10 of 10 tags good" in said
    assert "urn:watchroom:demo:press" in said
    unknown = watchroom("status", plant.folder, "--source", "oven")
    assert unknown.returncode == 1
    assert "there is no source 'oven'" in unknown.stderr


def test_our_own_certificate_is_handed_out_also_without_an_engine(plant: Plant, tmp_path: Path) -> None:
    out = tmp_path / "ours.der"
    (own,) = lines(watchroom("trust", plant.folder, "press", "--own", "--out", out, "--json"))
    assert (own["place"], own["file"]) == ("own", str(out))
    assert hashlib.sha256(out.read_bytes()).hexdigest() == own["thumbprint"]
    assert str(own["uri"]).endswith(":watchroom")

    (tmp_path / "plant.toml").write_text(SECURED.format(port=plant.ports["press"]))
    (tmp_path / "tags.csv").write_text("path,source,address\n")
    made = watchroom("trust", tmp_path, "lab", "--own")
    assert made.returncode == 0
    assert f"put {tmp_path}/data/pki/own/" in made.stdout
    assert made.stdout.split()[1] == watchroom("trust", tmp_path, "lab", "--own").stdout.split()[1], (
        "made once"
    )


def test_server_is_refused_trusted_read_and_distrusted_from_the_command_line(
    plant: Plant, tmp_path: Path
) -> None:
    """With text, an enumeration and an element of an array, as every OPC UA server has them."""
    (tmp_path / "plant.toml").write_text(SECURED.format(port=plant.ports["press"]))
    (tmp_path / "tags.csv").write_text(
        "path,source,address\nServer/Product,lab,i=2261\nServer/State,lab,i=2259\n"
        "Server/First namespace,lab,at=0;i=2255\n"
    )

    def source() -> Any:
        (detail,) = lines(watchroom("status", tmp_path, "--source", "lab", "--json"))
        return detail

    def state_is(wanted: str) -> Any:
        detail = source()
        return detail if detail["status"]["state"] == wanted else None

    with engine(tmp_path):
        refused = until(lambda: state_is("refused"), 20, "the server is refused")
        (shown,) = (each for each in refused["certificates"] if each["place"] == "rejected")
        assert "not trusted" in refused["status"]["what"]
        assert shown["thumbprint"] in refused["status"]["do"]
        assert refused["troubled_count"] == 3
        plain = watchroom("status", tmp_path).stdout
        assert "lab: server certificate not trusted" in plain
        assert "to do: compare the thumbprint" in plain
        assert shown["thumbprint"] in watchroom("trust", tmp_path, "lab").stdout

        trusted = watchroom("trust", tmp_path, "lab", "--thumbprint", shown["thumbprint"])
        assert trusted.stdout.startswith("trusted: CN=Watchroom demo plant")
        until(lambda: state_is("connected"), 20, "the trusted server is connected")
        words = ("read", tmp_path, "Server/Product", "Server/State", "Server/First namespace", "--wait", "10")
        product, running, namespace = lines(watchroom(*words, "--json"))
        assert isinstance(product["value"], str)
        assert product["value"] == product["text"] != ""
        assert (running["value"], running["text"]) == (0, "Running")
        assert namespace["value"] == "http://opcfoundation.org/UA/"
        said = watchroom(*words).stdout.splitlines()
        assert said[0].startswith(f'Server/Product  "{product["value"]}"  good')
        assert said[1].startswith("Server/State  0 Running  good")

        gone = watchroom("trust", tmp_path, "lab", "--remove", "--thumbprint", shown["thumbprint"])
        assert gone.stdout.startswith("distrusted: CN=Watchroom demo plant")
        until(lambda: state_is("refused"), 20, "the link that was open is refused")


def test_second_engine_says_who_runs(plant: Plant) -> None:
    done = watchroom("engine", plant.folder)
    assert done.returncode == 4
    assert re.search(r"already runs for .*, process \d+", done.stderr)


def test_logs_are_in_the_project(plant: Plant) -> None:
    log = (plant.folder / "data" / "log" / "engine.log").read_text()
    assert "engine 0.1.0 starts" in log
    assert "is connected" in log


def test_check_and_tags_work_without_an_engine(tmp_path: Path) -> None:
    (tmp_path / "plant.toml").write_text(
        '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:502"\n'
    )
    (tmp_path / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\nA/y,plc,holding:x\n")
    done = watchroom("check", tmp_path)
    assert done.returncode == 1
    assert "tags.csv:3: error: " in done.stdout
    assert watchroom("tags", tmp_path).returncode == 1
    (tmp_path / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\n")
    assert watchroom("check", tmp_path).returncode == 0
    (only,) = lines(watchroom("tags", tmp_path, "--json"))
    assert (only["tag"], only["source"], only["address"], only["type"]) == (
        "A/x",
        "plc",
        "holding:1",
        "uint16",
    )


def test_verbs_that_need_an_engine_never_start_one(tmp_path: Path) -> None:
    (tmp_path / "plant.toml").write_text(
        '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:502"\n'
    )
    (tmp_path / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\n")
    for words in (("read", tmp_path, "A/x"), ("status", tmp_path)):
        done = watchroom(*words)
        assert done.returncode == 3
        assert "watchroom engine" in done.stderr
    assert not (tmp_path / "data" / "engine.json").exists()


def test_wrong_use_is_exit_2() -> None:
    assert watchroom("read").returncode == 2
    assert watchroom("status", "a", "b", "c").returncode == 2


def test_engine_of_a_broken_project_says_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "plant.toml").write_text("[plant]\nname = 5\n")
    done = watchroom("engine", tmp_path)
    assert done.returncode == 1
    assert "plant.toml:2: error: " in done.stderr
    assert "Traceback" not in done.stderr

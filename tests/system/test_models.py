"""Models on a running engine: brought in and promoted by the command line, and there after a kill."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.client import Client
from engine.wire import ModelsAnswer
from tests.engine.prediction.packages import INPUTS, pack
from tests.running import engine, start_engine, until, watchroom

pytestmark = pytest.mark.system
PLANT = """[plant]
name = "Mill"
timezone = "UTC"

[[sources]]
id = "m"
driver = "modbus"
endpoint = "tcp://127.0.0.1:9"
"""
TAGS = """path,source,address,unit
Line/P1/pressure,m,holding:1:float32,bar
Line/P1/temperature,m,holding:3:float32,°C
"""
PUMP = 'title = "Pump"\npaths = ["Line/P?"]\nmain = "pressure"\n'


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    folder = tmp_path / "mill"
    (folder / "types").mkdir(parents=True)
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text(TAGS)
    (folder / "types" / "pump.toml").write_text(PUMP)
    inputs = tuple(type(each)(each.role, each.unit, each.role, each.required) for each in INPUTS)
    pack(tmp_path / "package", inputs=inputs)
    return folder


def test_a_model_is_brought_in_promoted_and_speaks_after_a_kill(mill: Path) -> None:
    why = ("--as", "Ada", "--reason", "from the vendor")
    process = start_engine(mill)
    try:
        done = watchroom("models", mill, "import", mill.parent / "package", *why)
        assert (done.returncode, done.stderr) == (0, "") and "pump-failure 1 becomes shadow" in done.stdout
        done = watchroom("models", mill, "promote", "pump-failure", "1", *why)
        assert done.returncode == 1 and "it ran in shadow for 0.0 days" in done.stderr
        done = watchroom("models", mill, "promote", "pump-failure", "1", "--override", *why)
        assert done.returncode == 0 and "pump-failure 1 becomes champion; against the rule" in done.stdout
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
    with engine(mill):
        client = Client(mill, "test")
        try:
            until(lambda: client.call("models", None, ModelsAnswer).models[0].assets, 20, "it is bound")
        finally:
            client.close()
        (line,) = watchroom("models", mill, "--json").stdout.splitlines()
        found = json.loads(line)
        assert (found["role"], found["by"], found["signed"]) == ("champion", "Ada", True)
        assert found["assets"] == ["Line/P1"]


def test_what_is_written_wrongly_is_told_without_an_engine(
    mill: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", str(mill), "promote", "pump-failure"]) == 2
    assert "models DIR promote ID VERSION" in capsys.readouterr().err
    assert main(["models", str(mill)]) == 3

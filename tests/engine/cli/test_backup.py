"""What ``backup`` and ``restore`` do and say."""

import argparse
import threading
from pathlib import Path

import pytest

from engine.cli.backup import backup, restore
from engine.cli.main import command_parser
from engine.cli.out import Exit
from engine.cli.project import check
from tests.engine.store.segments import NAME, content, make, spoil

PLANT = '[[sources]]\nid = "plc"\ndriver = "modbus"\nendpoint = "tcp://127.0.0.1:502"\n'


def words(*given: str | Path) -> argparse.Namespace:
    return command_parser()[0].parse_args(list(map(str, given)))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "mill"
    (folder / "data" / "history").mkdir(parents=True)
    (folder / "plant.toml").write_text(PLANT)
    (folder / "tags.csv").write_text("path,source,address\nA/x,plc,holding:1\n")
    make(folder / "data" / "history" / NAME)
    return folder


def test_saved_project_is_brought_back_and_can_be_checked(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, new = tmp_path / "mill.zip", tmp_path / "new"
    assert backup(words("backup", project, file)) == Exit.DONE
    assert restore(words("restore", file, new)) == Exit.DONE
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("3 files of 'mill', ") and said[0].endswith(f"MB, saved to {file}")
    assert f"restored to {new}, as they were 20" in said[1]
    assert "servers with security will have to be trusted again" in said[2]
    assert check(words("check", new)) == Exit.DONE
    assert content(new / "data" / "history" / NAME) == content(project / "data" / "history" / NAME)


def test_keys_in_a_backup_are_a_word_of_warning(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backup(words("backup", project, tmp_path / "b.zip", "--with-keys")) == Exit.DONE
    assert "it holds private keys: keep it where only you can read it" in capsys.readouterr().out
    assert restore(words("restore", tmp_path / "b.zip", tmp_path / "new")) == Exit.DONE
    assert "trusted again" not in capsys.readouterr().out


def test_damaged_history_is_named_and_the_exit_code_tells(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(project / "data" / "history" / NAME, 0, 100)
    assert backup(words("backup", project, tmp_path / "b.zip")) == Exit.NOT_DONE
    assert f"not saved: data/history/{NAME}: " in capsys.readouterr().out


def test_what_cannot_be_done_is_one_sentence(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backup(words("backup", tmp_path, tmp_path / "b.zip")) == Exit.NOT_DONE
    assert restore(words("restore", tmp_path / "nowhere.zip", tmp_path / "new")) == Exit.NOT_DONE
    assert restore(words("restore", project / "plant.toml", tmp_path / "new")) == Exit.NOT_DONE
    first, second, third = capsys.readouterr().err.splitlines()
    assert "is not a project folder, it holds no plant.toml" in first
    assert "nowhere.zip: No such file" in second
    assert "is not a whole backup of Watchroom" in third


def test_progress_is_shown_on_a_terminal_alone(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert backup(words("backup", project, tmp_path / "a.zip")) == Exit.DONE
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("engine.cli.backup.sys.stderr.isatty", lambda: True, raising=False)
    assert backup(words("backup", project, tmp_path / "b.zip")) == Exit.DONE
    shown = capsys.readouterr().err
    assert shown.startswith("\rbacking up 0 %") and shown.endswith("\rbacking up 100 %\n")


def test_backup_during_another_one_is_refused(project: Path, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    codes = list[Exit]()

    def run() -> None:
        codes.append(backup(words("backup", project, tmp_path / "share")))

    both = [threading.Thread(target=run) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(20)
    assert len(codes) == 2
    assert Exit.DONE in codes
    assert restore(words("restore", tmp_path / "share", tmp_path / "new")) == Exit.DONE

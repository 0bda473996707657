"""T28 and T29: hostile models are refused by looking, or end in their guarded process; the engine goes on."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.prediction import worker
from engine.prediction.card import mark_of
from engine.prediction.files import MARK, write_files
from engine.prediction.onnx_file import as_part
from engine.prediction.package import PackageRefused, read_package
from engine.prediction.worker import GuardedModel
from tests.engine.prediction import hostile
from tests.engine.prediction.packages import card_of, pack


def marked(model: bytes) -> bytes:
    """Packed by the attacker: by hand, since what is broken cannot be packed our way."""
    return model + as_part(14, as_part(1, MARK.encode()) + as_part(2, mark_of(card_of()).encode()))


@pytest.mark.parametrize("name", hostile.BEFORE_LOADING)
def test_what_can_be_seen_is_refused_before_anything_is_loaded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, told = hostile.BEFORE_LOADING[name]
    model = marked(make())
    write_files(tmp_path, msgspec.structs.replace(card_of(), sha256=sha256(model).hexdigest()), model)

    def loaded(*_: object) -> None:
        raise AssertionError("it was loaded")

    monkeypatch.setattr("engine.prediction.package.open_session", loaded)
    with pytest.raises(PackageRefused, match=told) as refused:
        read_package(tmp_path)
    assert str(tmp_path) in str(refused.value)
    assert "Traceback" not in str(refused.value)


@pytest.mark.fault
@pytest.mark.parametrize("make", [hostile.bomb, hostile.big, hostile.not_a_number, hostile.no_stride])
def test_what_shows_only_when_run_is_refused_and_costs_the_engine_nothing(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    pack(tmp_path, make())
    checked = read_package(tmp_path)
    before = psutil.Process().memory_info().rss
    with pytest.raises(PackageRefused, match=r"model\.onnx"):
        GuardedModel(checked)
    assert psutil.Process().memory_info().rss - before < 20 * 1024**2


@pytest.mark.fault
def test_one_that_works_for_minutes_is_ended_at_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(tmp_path, hostile.slow())
    monkeypatch.setattr(worker, "ANSWER_S", 1.0)
    with pytest.raises(PackageRefused, match="no answer within 1 s|processor time"):
        GuardedModel(read_package(tmp_path))

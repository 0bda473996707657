"""A package is what its card says, or it is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.prediction.files import CARD, MARK, MODEL
from engine.prediction.onnx_file import MODEL_BYTES, read_onnx, with_metadata
from engine.prediction.package import PackageRefused, load_package, read_package, write_package
from engine.types import ModelInput
from tests.engine.prediction.packages import answer, card_of, linear, model_of, pack


def refusal(folder: Path) -> str:
    with pytest.raises(PackageRefused) as refused:
        load_package(folder)
    told = str(refused.value)
    assert str(folder) in told
    return told


def test_a_packed_model_answers_as_it_was_trained(tmp_path: Path) -> None:
    card = pack(tmp_path)
    package = load_package(tmp_path)
    assert package.card == card
    rows = np.random.default_rng(2).normal(size=(9000, len(card.reference))).astype(np.float32)
    rows[7, 3] = np.nan
    given = package.run(rows)
    assert given.shape == (9000, 1) and given.dtype == np.float64
    np.testing.assert_allclose(given[:, 0], answer(rows), atol=1e-6)
    assert package.run(rows[:0]).shape == (0, 1)


def test_a_row_has_the_same_answer_alone_as_among_thousands(tmp_path: Path) -> None:
    card = pack(tmp_path)
    package = load_package(tmp_path)
    rows = np.random.default_rng(3).normal(size=(500, len(card.reference))).astype(np.float32)
    alone = np.concatenate([package.run(row[None]) for row in rows])
    np.testing.assert_allclose(alone, package.run(rows), rtol=0, atol=1e-7)


def test_other_features_than_the_cards_are_an_error(tmp_path: Path) -> None:
    pack(tmp_path)
    package = load_package(tmp_path)
    with pytest.raises(ValueError, match=r"float32\[n, 12\]"):
        package.run(np.zeros((2, 11), np.float32))


def test_a_row_without_a_number_is_no_prediction_and_leaves_the_others(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["score"]),
        helper.make_node("Log", ["score"], ["probabilities"]),
    ]
    weights = [numpy_helper.from_array(np.full((12, 2), 1.0 / 12, np.float32), "weights")]
    golden = tuple({"features": [np.e**0.5] * 12, "outputs": [0.5]} for _ in range(3))
    pack(tmp_path, model_of(nodes, weights), golden=golden)
    package = load_package(tmp_path)
    rows = np.full((4, 12), np.e**0.25, np.float32)
    rows[1], rows[2] = -1.0, 50.0  # the logarithm of less than nothing, and a probability above 1
    given = package.run(rows)
    assert np.isnan(given[[1, 2]]).all()
    np.testing.assert_allclose(given[[0, 3]], 0.25, atol=1e-6)


def test_two_horizons_and_a_life_with_an_interval(tmp_path: Path) -> None:
    def outputs(name: str, wide: int) -> list[object]:
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, wide])]

    weights = [numpy_helper.from_array(np.tile(np.float32([0, 0.01, 0.02]), (12, 1)), "weights")]
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["rul"])]
    golden = tuple({"features": [k] * 12, "outputs": [0.0, k * 0.12, k * 0.24]} for k in (1.0, 2.0, 3.0))
    life = tmp_path / "life"
    pack(life, model_of(nodes, weights, outputs=outputs("rul", 3)), golden=golden, kind="rul", tiers={})
    assert load_package(life).run(np.full((2, 12), 10.0, np.float32)).tolist()[0] == pytest.approx(
        [0, 1.2, 2.4]
    )

    both = [numpy_helper.from_array(np.tile(np.float32([0.01, 0.02]), (12, 1)), "weights")]
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["probabilities"])]
    golden = tuple({"features": [k] * 12, "outputs": [k * 0.12, k * 0.24]} for k in (1.0, 2.0, 3.0))
    two = tmp_path / "two"
    pack(two, model_of(nodes, both), golden=golden, horizon_h=(24.0, 48.0))
    assert load_package(two).run(np.ones((1, 12), np.float32)).tolist()[0] == pytest.approx([0.12, 0.24])


def test_a_changed_model_file_is_refused(tmp_path: Path) -> None:
    pack(tmp_path)
    model = bytearray((tmp_path / MODEL).read_bytes())
    model[len(model) // 2] ^= 1
    (tmp_path / MODEL).write_bytes(model)
    assert "SHA-256" in refusal(tmp_path)


def test_a_card_changed_after_packing_is_refused(tmp_path: Path) -> None:
    pack(tmp_path)
    card = json.loads((tmp_path / CARD).read_text())
    card["tiers"]["act"] = 0.3
    (tmp_path / CARD).write_text(json.dumps(card))
    assert "the card was changed" in refusal(tmp_path)


def test_golden_rows_answered_otherwise_are_refused(tmp_path: Path) -> None:
    card = card_of()
    golden = [dict(row) for row in card.golden]
    golden[1] = {**golden[1], "outputs": [golden[1]["outputs"][0] + 2e-5]}
    pack(tmp_path, golden=tuple(golden))
    assert "golden row 2" in refusal(tmp_path)


def test_a_card_whose_features_are_not_what_the_function_makes_is_refused(tmp_path: Path) -> None:
    card = card_of()
    names = list(card.reference)
    renamed = {("age:days" if name == names[4] else name): card.reference[name] for name in names}
    pack(tmp_path, reference=renamed, golden=card.golden)
    assert "'reference'" in refusal(tmp_path)


def test_a_model_of_another_width_is_refused(tmp_path: Path) -> None:
    pack(tmp_path, linear(11))
    assert "rows of 11 numbers" in refusal(tmp_path)


def test_another_card_for_the_same_model_carries_another_mark(tmp_path: Path) -> None:
    card = pack(tmp_path)
    model = (tmp_path / MODEL).read_bytes()
    again = with_metadata(model, MARK, "x" * 300)
    assert read_onnx(again).metadata == {MARK: "x" * 300}
    assert read_onnx(with_metadata(again, "other", "y")).metadata == {MARK: "x" * 300, "other": "y"}
    assert write_package(tmp_path, card, model) == card, "packing a packed model changes nothing"


@pytest.mark.parametrize("name", [MODEL, CARD])
def test_links_pipes_and_missing_files_are_refused(tmp_path: Path, name: str) -> None:
    pack(tmp_path)
    file = tmp_path / name
    kept = tmp_path / "kept"
    file.rename(kept)
    assert "cannot be read" in refusal(tmp_path)
    file.symlink_to(kept)
    assert "is a link" in refusal(tmp_path)
    file.unlink()
    file.mkdir()
    assert name in refusal(tmp_path)
    file.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(file)
        assert "no plain file" in refusal(tmp_path)


def test_two_gigabytes_are_refused_without_being_read(tmp_path: Path) -> None:
    pack(tmp_path)
    with (tmp_path / MODEL).open("r+b") as file:
        file.truncate(2 * 1024**3)  # a hole: no disk is used
    assert f"at most {MODEL_BYTES // 1024**2} are read" in refusal(tmp_path)


def test_a_model_of_newer_operations_or_of_other_numbers_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["probabilities"])]
    weights = [numpy_helper.from_array(np.zeros((12, 2), np.float32), "weights")]
    pack(tmp_path, model_of(nodes, weights, opsets=[helper.make_opsetid("", 99)]))
    assert "opset 99" in refusal(tmp_path)
    pack(tmp_path, model_of(nodes, weights, takes=TensorProto.DOUBLE))
    assert "takes float64" in refusal(tmp_path)
    pack(tmp_path, model_of([helper.make_node("RandomNormalLike", ["x"], ["probabilities"])]))
    assert "'RandomNormalLike'" in refusal(tmp_path)


def test_optional_inputs_and_groups_do_not_change_the_width(tmp_path: Path) -> None:
    inputs = tuple(ModelInput(f"s{k}", "bar", required=k == 0) for k in range(4))
    card = pack(tmp_path, inputs=inputs)
    assert len(read_package(tmp_path).card.reference) == len(card.reference) == 20


def test_running_models_reports_to_nobody_and_keeps_nothing(tmp_path: Path) -> None:
    """onnxruntime 1.32 reports to its maker from the import on, unless it is told not to before."""
    pack(tmp_path / "package")
    code = (
        "import sys, threading; from pathlib import Path; import numpy, psutil; "
        "before = psutil.Process().num_threads(); "
        "from engine.prediction.package import load_package; "
        "load_package(Path(sys.argv[1])).run(numpy.zeros((3, 12), 'f4')); "
        "here = psutil.Process(); print(here.num_threads() - before, here.net_connections(), "
        "[each.path for each in here.open_files()])"
    )
    cache = tmp_path / "cache"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "package")],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "0 [] []"
    assert not cache.exists()

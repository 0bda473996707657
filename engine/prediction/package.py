"""A model package: a folder with ``model.onnx`` and ``card.json``, checked before anything is run.

`read_package` looks only, with plain Python, and is safe for files of anybody. `load_package` also loads
the model into this process: for signed models, and inside the guarded process (`engine.prediction.worker`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.prediction import onnx_file
from engine.prediction.card import PackageRefused, feature_names, mark_of
from engine.prediction.features import FEATURES, FeatureFunction, spec_of
from engine.prediction.files import CARD, MARK, MODEL, read_files, require_hash, write_package
from engine.prediction.ops import DOMAINS, OPS, instead_of
from engine.prediction.session import NOT_USED, open_session
from engine.types import ModelCard

__all__ = ["Checked", "Model", "Package", "PackageRefused", "load_package", "read_package", "write_package"]

TOLERANCE = 1e-5
IR, OPSET = (3, 10), (7, 22)
"""Versions of the file format and of ONNX's own operations that every supported onnxruntime runs."""


class Model(Protocol):
    """A model that can be asked, wherever it runs."""

    @property
    def card(self) -> ModelCard: ...
    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """A package that has been looked at and not loaded. ``names`` = outputs to ask for, in order."""

    card: ModelCard
    model: bytes
    where: str
    names: tuple[str, ...]
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A model that is loaded into this process."""

    card: ModelCard
    _run: Callable[[NDArray[np.float32]], NDArray[np.float64]]

    def run(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the model answers to features float32[n, m]: float64[n, outputs], NaN = it gave no number.

        Outputs of a failure model = probability for each of ``card.horizon_h``, before calibration; of a
        life model = value, or value, low, high. A row without a number, or with a probability outside
        0 to 1, is NaN as a whole. NaN in the features = missing.

        Raises:
            ValueError: the features are not as many as the card's.
        """
        return self._run(features)

    def close(self) -> None:
        """Nothing to do: it lives as long as this object."""


def read_package(folder: Path, known: Mapping[str, FeatureFunction] = FEATURES) -> Checked:
    """Look at the package in ``folder`` without loading it: card, hash, structure, shapes.

    Raises:
        PackageRefused: it cannot be used; the text says why, naming the file.
    """
    card, model = read_files(folder, known)
    try:
        made = known[card.features].names(spec_of(card))
    except (TypeError, ValueError) as error:
        raise PackageRefused(
            f"{folder / CARD}: its features cannot be made: {error}; correct the card"
        ) from error
    if made != feature_names(card):
        odd = next(iter(set(made) ^ set(feature_names(card))), "another order")
        raise PackageRefused(
            f"{folder / CARD}: the field 'reference' has {len(card.reference)} features, and {card.features} "
            f"makes {len(made)} of the card's inputs, windows, lags and events (differs: {odd[:60]}); "
            "correct the card"
        )
    return check(card, model, str(folder / MODEL))


def check(card: ModelCard, model: bytes, where: str) -> Checked:
    """The same for what has been read already; ``where`` = the model file, for messages.

    Raises:
        PackageRefused: as `read_package`.
    """
    require_hash(card, model, where)
    try:
        facts = onnx_file.read_onnx(model)
    except onnx_file.Malformed as error:
        raise PackageRefused(f"{where} is refused: {error}") from error
    if facts.metadata.get(MARK) != mark_of(card):
        raise PackageRefused(
            f"{where} does not carry the hash of this card (metadata {MARK!r}): the card was changed after "
            "the model was packed; pack them together again"
        )
    _require_known(facts, where)
    inputs = [each for each in facts.inputs if each.name not in facts.constants]
    return Checked(card, model, where, _outputs(facts, card, where), _shape(inputs, card, where))


def load_package(folder: Path, known: Mapping[str, FeatureFunction] = FEATURES) -> Package:
    """Read, load and try the package in ``folder``, in this process: for models that are signed.

    Raises:
        PackageRefused: as `read_package`, or the model does not answer its golden rows as the card says.
    """
    return load(read_package(folder, known))


def load(checked: Checked) -> Package:
    """Load into this process what `read_package` has looked at, and try it on the card's golden rows.

    Raises:
        PackageRefused: it cannot be loaded, or answers otherwise than its card says.
    """
    run = open_session(checked.model, checked.where, checked.names, checked.shape)
    wide, card = len(feature_names(checked.card)), checked.card

    def ask(features: NDArray[np.float32]) -> NDArray[np.float64]:
        if features.ndim != 2 or features.shape[1] != wide:
            raise ValueError(f"{card.id} takes features float32[n, {wide}], not {features.shape}")
        if not len(features):
            return np.empty((0, outputs_of(card)))
        parts = run(np.ascontiguousarray(features, np.float32))
        return _sound(np.column_stack([_columns(each, card, len(parts)) for each in parts]), card)

    package = Package(card, ask)
    _try(package, checked.where)
    return package


def outputs_of(card: ModelCard) -> int:
    """How many numbers a model of this card answers with."""
    return len(card.golden[0]["outputs"])


def _require_known(facts: onnx_file.OnnxFacts, where: str) -> None:
    if not IR[0] <= facts.ir <= IR[1]:
        raise PackageRefused(
            f"{where} is of ONNX file version {facts.ir}, and {IR[0]} to {IR[1]} are read; export it "
            "for opset 17"
        )
    for domain, version in facts.opsets.items():
        lowest, highest = (*OPSET,) if not domain else DOMAINS.get(domain, (1, 0))
        if not lowest <= highest:
            raise PackageRefused(
                f"{where} needs operations of {domain[:80]!r}, which are not part of ONNX; export it "
                "without them"
            )
        if not lowest <= version <= highest:
            raise PackageRefused(
                f"{where} is of opset {version} of {domain or 'ONNX'!r}, and {lowest} to {highest} are run; "
                "export it for opset 17"
            )
    for domain, name in sorted(facts.ops):
        if (domain, name) not in OPS:
            raise PackageRefused(f"{where} uses the operation {name[:80]!r}, {instead_of(domain, name)}")


def _shape(inputs: list[onnx_file.Value], card: ModelCard, where: str) -> tuple[int | None, ...]:
    if len(inputs) != 1:
        raise PackageRefused(
            f"{where} has {len(inputs)} inputs; it must have one, with all features in a row"
        )
    given, wide = inputs[0], len(feature_names(card))
    if given.type != "float32":
        raise PackageRefused(f"{where} takes {given.type}; it must take float32")
    sizes = given.shape[1:]
    if len(given.shape) < 2 or given.shape[0] is not None:
        raise PackageRefused(f"{where} takes arrays of {given.shape}; the first size must be free: the rows")
    if None in sizes or math.prod(each or 0 for each in sizes) != wide:
        raise PackageRefused(
            f"{where} takes rows of {' x '.join(str(each or '?') for each in sizes)} numbers, and its card "
            f"has {wide} features in 'reference'"
        )
    return given.shape


def _outputs(facts: onnx_file.OnnxFacts, card: ModelCard, where: str) -> tuple[str, ...]:
    found = {each.name: each for each in facts.outputs if each.name not in NOT_USED}
    wanted = tuple(f"p{hours:g}" for hours in card.horizon_h) if card.kind == "failure" else ("rul",)
    names = wanted if all(name in found for name in wanted) else tuple(found)
    if len(names) != 1 and names != wanted:
        raise PackageRefused(
            f"{where} has the outputs {', '.join(found) or 'none'}; it must have one, or {', '.join(wanted)}"
        )
    for name in names:
        if found[name].type != "float32" or len(found[name].shape) > 2:
            raise PackageRefused(
                f"{where} answers {name[:80]!r} as {found[name].type}; it must be float32[n, k]"
            )
    return names


def _columns(answer: NDArray[np.float64], card: ModelCard, parts: int) -> NDArray[np.float64]:
    """Of a classifier's two columns (no, yes) the second is the probability."""
    flat = answer.reshape(len(answer), -1)
    is_pair = card.kind == "failure" and flat.shape[1] == 2 and (parts > 1 or len(card.horizon_h) == 1)
    return flat[:, 1:] if is_pair else flat


def _sound(answers: NDArray[np.float64], card: ModelCard) -> NDArray[np.float64]:
    if answers.shape[1] != outputs_of(card):
        raise ValueError(
            f"{card.id} answers {answers.shape[1]} numbers a row, its card has {outputs_of(card)}"
        )
    is_bad = ~np.isfinite(answers)
    if card.kind == "failure":
        is_bad |= (answers < 0.0) | (answers > 1.0)
    answers[is_bad.any(axis=1)] = np.nan
    return answers


def _try(package: Package, where: str) -> None:
    card = package.card
    rows = np.array(
        [[np.nan if x is None else x for x in row["features"]] for row in card.golden], np.float32
    )
    wanted = [row["outputs"] for row in card.golden]
    counts = len(card.horizon_h) if card.kind == "failure" else outputs_of(card)
    if {len(row) for row in wanted} != {counts} or (card.kind == "rul" and counts not in (1, 3)):
        raise PackageRefused(
            f"{where}: the card's golden rows must have {counts} outputs each (a life: 1 or 3)"
        )
    try:
        given = package.run(rows)
    except Exception as error:  # onnxruntime's own exceptions share no class but this one
        told = " ".join(str(error).split())[:300]
        raise PackageRefused(
            f"{where} fails on the golden rows of its card ({told}); export it again"
        ) from error
    for place, (was, wants) in enumerate(zip(given, np.array(wanted, np.float64), strict=True), start=1):
        far = float(np.max(np.abs(was - wants) / np.maximum(1.0, np.abs(wants))))
        if not far <= TOLERANCE:  # also where it is NaN
            raise PackageRefused(
                f"{where} answers {_listed(was)} to golden row {place} of its card, which says "
                f"{_listed(wants)}; export model and card together again"
            )


def _listed(values: NDArray[np.float64]) -> str:
    return ", ".join("no number" if math.isnan(each) else f"{each:.6g}" for each in values)

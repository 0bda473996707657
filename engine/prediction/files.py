"""The two files of a model package, read with care and written whole."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

import msgspec

from engine import paths
from engine.prediction import onnx_file
from engine.prediction.card import CARD_BYTES, PackageRefused, mark_of, read_card
from engine.types import ModelCard

MODEL, CARD = "model.onnx", "card.json"
MARK = "watchroom.card"
"""Key of the model's metadata that says which card it belongs to (`card.mark_of`)."""


def read_files(folder: Path, known: Collection[str]) -> tuple[ModelCard, bytes]:
    """Card and model of the package in ``folder``, the card checked, the model not looked at.

    Raises:
        PackageRefused: a file is missing, no plain file, too large, or the card is wrong.
    """
    card = read_card(_content(folder / CARD, CARD_BYTES), folder / CARD, known)
    return card, _content(folder / MODEL, onnx_file.MODEL_BYTES)


def require_hash(card: ModelCard, model: bytes, where: object) -> None:
    """See that ``model`` is the file that ``card`` was made for.

    Raises:
        PackageRefused: it is another.
    """
    if sha256(model).hexdigest() != card.sha256:
        raise PackageRefused(
            f"{where} is not the file that its card was made for (its SHA-256 differs from the field "
            "'sha256'); take both from the same place again"
        )


def write_package(folder: Path, card: ModelCard, model: bytes) -> ModelCard:
    """Pack ``model`` with ``card``: marks the model with the card, and puts its hash in the card.

    Gives the card as written. Nothing else in ``folder`` is touched.
    """
    marked = onnx_file.with_metadata(model, MARK, mark_of(card))
    whole = msgspec.structs.replace(card, sha256=sha256(marked).hexdigest())
    write_files(folder, whole, marked)
    return whole


def write_files(folder: Path, card: ModelCard, model: bytes) -> None:
    """Write card and model as they are, each whole."""
    folder.mkdir(parents=True, exist_ok=True)
    paths.replace_file(folder / MODEL, model)
    paths.replace_file(folder / CARD, msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n")


def _content(file: Path, most: int) -> bytes:
    # A link could lead anywhere, and opening a pipe would wait for ever.
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        if file.is_symlink():
            raise OSError(errno.ELOOP, "")
        place = os.open(file, flags)
    except OSError as error:
        told = "is a link, and a package has no links" if error.errno == errno.ELOOP else error.strerror
        raise PackageRefused(f"{file} cannot be read ({told}); copy the whole package here") from error
    if not stat.S_ISREG(os.fstat(place).st_mode):
        os.close(place)
        raise PackageRefused(f"{file} is no plain file; copy the whole package here")
    with os.fdopen(place, "rb") as opened:
        size = os.fstat(place).st_size
        if size > most:
            raise PackageRefused(
                f"{file} has {size / 1024**2:,.0f} MiB, and at most {most / 1024**2:.0f} are read; "
                "make the model smaller"
            )
        try:
            content = opened.read(most + 1)
        except OSError as error:
            raise PackageRefused(f"{file} cannot be read ({error.strerror}); copy it here again") from error
    if len(content) > most:
        raise PackageRefused(f"{file} is growing while it is read; wait until it is copied whole")
    return content

"""What requests and answers about what is foreseen hold."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.types import ClassHistory, Crossing, Episode, Forecast, ModelState, Outlook


class OutlooksBody(msgspec.Struct, frozen=True):
    """Body of ``outlooks``: what changed since ``version``; 0 = all."""

    version: int = 0


class OutlooksAnswer(msgspec.Struct, frozen=True):
    """Answer to ``outlooks``. ``is_whole`` = these are all, what is not among them is over.

    ``crossings`` are always all there are now.
    """

    version: int
    outlooks: tuple[Outlook, ...]
    is_whole: bool
    trouble: str = ""
    crossings: tuple[Crossing, ...] = ()


class ForecastBody(msgspec.Struct, frozen=True):
    """Body of ``forecast``, answered with ``Forecast`` for each path that has one, in any order."""

    paths: tuple[str, ...]
    ahead_s: float = 48 * 3600.0


class ForecastAnswer(msgspec.Struct, frozen=True):
    """Answer to ``forecast``."""

    forecasts: tuple[Forecast, ...]


class ModelsAnswer(msgspec.Struct, frozen=True):
    """Answer to ``models``: every version in the registry, champions first; and what there is to learn."""

    models: tuple[ModelState, ...]
    can_train: bool = False
    text: str = ""
    classes: tuple[ClassHistory, ...] = ()


class ModelChangeBody(msgspec.Struct, frozen=True):
    """Body of ``model_change``, answered with ``ModelsAnswer``: who decides it and why is on record.

    ``baseline`` takes the re-baselining of an asset back to the model's own normal, or with a ``window``
    follows its normal again, over so long. ``is_override`` promotes against the rule; what speaks against it
    is on record with the reason.
    """

    what: Literal["import", "promote", "shadow", "retire", "rollback", "baseline"]
    id: str
    version: str = ""
    folder: str = ""
    asset: str = ""
    by: str = ""
    reason: str = ""
    is_trial: bool = False
    is_override: bool = False
    window: Literal["", "14d", "72h"] = ""


class EpisodesBody(msgspec.Struct, frozen=True):
    """Body of ``episodes``: the newest first, of one asset or of all."""

    asset: str = ""
    limit: int = 200


class EpisodesAnswer(msgspec.Struct, frozen=True):
    """Answer to ``episodes``."""

    episodes: tuple[Episode, ...]


class VerdictBody(msgspec.Struct, frozen=True):
    """Body of ``verdict``, answered with ``Episode``: a person confirms or dismisses a warning."""

    episode: int
    is_right: bool
    reason: str
    by: str = ""


class RetrainBody(msgspec.Struct, frozen=True):
    """Body of the job ``retrain``: a challenger for a class of assets from the plant's own history."""

    asset_class: str
    by: str = ""


class NormalBody(msgspec.Struct, frozen=True):
    """Body of the job ``normal``, answered with ``NormalAnswer``: this stretch was normal for an asset.

    ``tags`` = paths below the asset, () = all of its measured ones. Kept in the project, ``normals/``, and on
    record with who said it and why. ``start_us`` = ``end_us`` forgets what was normal.
    """

    asset: str
    start_us: int
    end_us: int
    tags: tuple[str, ...] = ()
    by: str = ""
    reason: str = ""


class NormalAnswer(msgspec.Struct, frozen=True):
    """Answer to ``normal``: what it was learned from. ``left_out`` = tags that hardly moved, or were away."""

    asset: str
    rows: int
    tags: tuple[str, ...]
    left_out: tuple[str, ...] = ()


class RetrainAnswer(msgspec.Struct, frozen=True):
    """Answer to ``retrain``: the challenger that was made, and how it did on what it had not seen."""

    id: str
    version: str
    failures: int
    text: str

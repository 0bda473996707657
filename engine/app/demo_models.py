"""The models of a demo: what is shipped for the classes of its assets speaks from the first start on."""

from __future__ import annotations

import logging
from pathlib import Path

from engine import paths
from engine.app.ledger_open import ledger_file
from engine.app.model_record import PRODUCT, Approvals, open_registry
from engine.clock import SystemClock
from engine.prediction.card import PackageRefused
from engine.prediction.package import read_package
from engine.prediction.registry import ChangeRefused, Registry

log = logging.getLogger("watchroom.prediction")
WHY = "comes with the demo plant"


def add_models(folder: Path) -> tuple[str, ...]:
    """Put the shipped models of the demo in ``folder`` into its registry, champions; no engine may run.

    Only for classes that are types of the project, and only versions that it does not know: what a person
    decided stays, and so does a champion. Gives the ids and versions that are new. Nobody approved them: they
    are as good as the product's own code (`model_record.shipped`), and no plant but a demo is given any.
    """
    types = {each.stem for each in (folder / "types").glob("*.toml")}
    registry = open_registry(folder, SystemClock(), Approvals(ledger_file(folder)))
    known = {(each.card.id, each.card.version) for each in registry.states()}
    found: list[str] = []
    for package in sorted((paths.resources() / "models").iterdir()):
        try:
            card = read_package(package).card
            if card.asset_class in types and (card.id, card.version) not in known:
                _add(registry, package, card.id, card.version)
                found.append(f"{card.id} {card.version}")
        except (PackageRefused, ChangeRefused, OSError) as error:  # the demo runs without it
            log.error("%s is not in the demo: %s", package.name, error)
    return tuple(found)


def _add(registry: Registry, package: Path, id: str, version: str) -> None:
    comes = registry.importing(package, PRODUCT, WHY, is_tried=False)
    registry.carry_out(comes)
    if comes.roles[f"{id} {version}"] == "shadow":  # there is no champion yet
        registry.carry_out(registry.promoting(id, version, PRODUCT, WHY, {}, is_override=True))

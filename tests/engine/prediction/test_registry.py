"""The registry: versions are copied in, one champion speaks, named people change it, damage stays alone."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.prediction import shelf as shelf_module
from engine.prediction.files import CARD, MODEL
from engine.prediction.package import Package, PackageRefused
from engine.prediction.promotion import DAY_US, Standing
from engine.prediction.registry import SYSTEM, Change, ChangeRefused, Registry, put_on_record_and_do
from engine.prediction.worker import GuardedModel
from tests.engine.prediction import hostile
from tests.engine.prediction.packages import pack

GOOD = Standing(failures=20, found=18, false_alarms=4, months=60.0, brier=0.016)
Roles = dict[str, str]


class Plant:
    """A registry with a clock and a ledger in memory, and packages to import."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now_us, self.signed = folder, 1_000 * DAY_US, set[str]()
        self.registry = self.opened()

    def opened(self) -> Registry:
        return Registry(self.folder / "models", lambda: self.now_us, self.signed.__contains__)

    def package(self, version: str, **changes: object) -> Path:
        folder = self.folder / "from" / version
        pack(folder, version=version, **changes)
        return folder

    def do(self, change: Change) -> Change:
        if change.what == "promote":
            self.signed.add(change.sha256)
        self.registry.carry_out(change)
        return change

    def bring(self, version: str, **changes: object) -> None:
        self.do(self.registry.importing(self.package(version, **changes), "A. Engineer", "from the vendor"))

    def promote(self, version: str, *, is_override: bool = False) -> Change:
        both = {("pump-failure", each): GOOD for each in ("1", "2", "3")}
        return self.do(
            self.registry.promoting(
                "pump-failure", version, "A. Engineer", "better", both, is_override=is_override
            )
        )

    def roles(self) -> Roles:
        return {state.card.version: state.role for state in self.registry.states()}


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    # What the guarded process does is tested with it; here each import would start one.
    monkeypatch.setattr("engine.prediction.registry.GuardedModel", FakeGuarded)
    return Plant(tmp_path)


class FakeGuarded:
    """A guarded process that finds nothing."""

    def __init__(self, checked: object) -> None:
        self.checked = checked

    def close(self) -> None:
        """Nothing runs."""


def test_an_imported_package_is_copied_and_runs_in_shadow(plant: Plant) -> None:
    plant.bring("1")
    shutil.rmtree(plant.folder / "from")
    (state,) = plant.opened().states()
    assert (state.role, state.by, state.why, state.signed) == (
        "shadow",
        "A. Engineer",
        "from the vendor",
        False,
    )
    assert state.since_us == plant.now_us


def test_nothing_is_there_before_it_is_carried_out(plant: Plant) -> None:
    change = plant.registry.importing(plant.package("1"), "A. Engineer", "try")
    assert plant.roles() == {} and plant.opened().states() == ()
    plant.do(change)
    assert plant.roles() == {"1": "shadow"}


def test_one_that_is_not_put_on_record_is_not_done(plant: Plant) -> None:
    async def no_record(change: Change) -> None:
        raise OSError("the ledger's disk is full")

    change = plant.registry.importing(plant.package("1"), "A. Engineer", "try")
    with pytest.raises(OSError, match="full"):
        asyncio.run(put_on_record_and_do(plant.registry, change, no_record))
    assert plant.opened().states() == ()


def test_the_life_of_two_versions(plant: Plant) -> None:
    plant.bring("1")
    plant.now_us += 14 * DAY_US
    plant.promote("1")
    assert plant.roles() == {"1": "champion"}
    plant.bring("2")
    assert plant.roles() == {"1": "champion", "2": "challenger"}
    plant.now_us += 14 * DAY_US
    plant.promote("2")
    assert plant.roles() == {"2": "champion", "1": "retired"}
    plant.do(plant.registry.rolling_back("failure", "pump", "B. Engineer", "false alarms"))
    assert plant.roles() == {"1": "champion", "2": "shadow"}
    plant.registry = plant.opened()
    assert plant.roles() == {"1": "champion", "2": "shadow"}
    with pytest.raises(ChangeRefused, match="no earlier champion"):
        plant.registry.rolling_back("failure", "pump", "B. Engineer", "again")


def test_a_second_challenger_sends_the_first_to_shadow(plant: Plant) -> None:
    plant.bring("1")
    plant.now_us += 14 * DAY_US
    plant.promote("1")
    plant.bring("2")
    plant.bring("3")
    assert plant.roles() == {"1": "champion", "2": "shadow", "3": "challenger"}
    plant.do(plant.registry.moving("pump-failure", "2", "challenger", "A. Engineer", "this one after all"))
    assert plant.roles() == {"1": "champion", "2": "challenger", "3": "shadow"}


def test_models_of_other_assets_are_no_rivals(plant: Plant) -> None:
    plant.bring("1")
    plant.now_us += 14 * DAY_US
    plant.promote("1")
    plant.bring("2", asset_class="fan", id="fan-failure")
    assert plant.roles() == {"1": "champion", "2": "shadow"}


def test_before_fourteen_days_only_an_override_promotes_and_says_what_was_against_it(plant: Plant) -> None:
    plant.bring("1")
    with pytest.raises(ChangeRefused, match=r"0\.0 days, and 14 .* override it with a reason"):
        plant.promote("1")
    change = plant.promote("1", is_override=True)
    assert len(change.against) == 1 and "14 are asked for" in change.against[0]
    assert plant.roles() == {"1": "champion"}


def test_a_model_that_fell_back_to_shadow_begins_its_fourteen_days_again(plant: Plant) -> None:
    plant.bring("1")
    plant.now_us += 14 * DAY_US
    plant.promote("1")
    plant.now_us += 30 * DAY_US
    plant.do(plant.registry.moving("pump-failure", "1", "shadow", SYSTEM, "5 false alarms a month"))
    assert plant.roles() == {"1": "shadow"}
    with pytest.raises(ChangeRefused, match="14 are asked for"):
        plant.promote("1")


@pytest.mark.parametrize(
    ("by", "reason", "told"), [("", "why", "who decides"), ("A. Engineer", " ", "say why")]
)
def test_every_change_needs_a_name_and_a_reason(plant: Plant, by: str, reason: str, told: str) -> None:
    plant.bring("1")
    for refused in (
        lambda: plant.registry.importing(plant.package("2"), by, reason),
        lambda: plant.registry.promoting("pump-failure", "1", by, reason, {}, is_override=True),
        lambda: plant.registry.moving("pump-failure", "1", "retired", by, reason),
        lambda: plant.registry.rolling_back("failure", "pump", by, reason),
    ):
        with pytest.raises(ChangeRefused, match=told):
            refused()


def test_a_version_is_imported_once_and_an_unknown_one_is_named(plant: Plant) -> None:
    plant.bring("1")
    with pytest.raises(ChangeRefused, match="here already"):
        plant.bring("1")
    with pytest.raises(ChangeRefused, match="here: pump-failure 1"):
        plant.promote("9")
    plant.do(plant.registry.moving("pump-failure", "1", "retired", "A. Engineer", "old"))
    with pytest.raises(ChangeRefused, match="is retired"):
        plant.promote("1")


def test_a_damaged_folder_is_refused_alone(plant: Plant) -> None:
    for version in ("1", "2", "3"):
        plant.bring(version)
    packages = plant.folder / "models" / "packages" / "pump-failure"
    (packages / "1" / MODEL).write_bytes(b"")
    card = json.loads((packages / "2" / CARD).read_text())
    (packages / "2" / CARD).write_text(json.dumps({**card, "title": "another"}))
    plant.registry = plant.opened()
    assert plant.roles() == {"1": "refused", "2": "refused", "3": "shadow"}
    whys = {state.card.version: state.why for state in plant.registry.states()}
    assert MODEL in whys["1"] and "another card" in whys["2"]
    with pytest.raises(PackageRefused):
        plant.registry.open("pump-failure", "1")


def test_a_damaged_champion_is_still_what_a_challenger_is_measured_by(plant: Plant) -> None:
    plant.bring("1")
    plant.now_us += 14 * DAY_US
    plant.promote("1")
    plant.bring("2")
    plant.now_us += 14 * DAY_US
    (plant.folder / "models" / "packages" / "pump-failure" / "1" / MODEL).unlink()
    plant.registry = plant.opened()
    alone = {("pump-failure", "2"): GOOD}
    with pytest.raises(ChangeRefused, match="how the champion did"):
        plant.registry.promoting("pump-failure", "2", "A. Engineer", "why", alone)
    plant.promote("2")
    with pytest.raises(PackageRefused):
        plant.registry.rolling_back("failure", "pump", "A. Engineer", "why")
    assert plant.roles() == {"1": "refused", "2": "champion"}


def test_a_link_in_the_registry_is_refused(plant: Plant) -> None:
    plant.bring("1")
    place = plant.folder / "models" / "packages" / "pump-failure" / "1"
    shutil.rmtree(place)
    place.symlink_to(plant.folder / "from" / "1")
    plant.registry = plant.opened()
    assert plant.roles() == {"1": "refused"}


def test_a_damaged_registry_is_put_aside_and_told(plant: Plant) -> None:
    plant.bring("1")
    state = plant.folder / "models" / shelf_module.STATE
    state.write_bytes(state.read_bytes()[:50])
    plant.registry = plant.opened()
    assert plant.registry.states() == ()
    assert "registry.json.damaged" in plant.registry.trouble
    plant.bring("1")
    assert plant.roles() == {"1": "shadow"}


@pytest.mark.parametrize("content", [None, b"", b"{"])
def test_a_registry_file_that_changes_while_it_is_used_is_told_and_written_anew(
    plant: Plant, content: bytes | None
) -> None:
    plant.bring("1")
    assert plant.registry.trouble == ""
    state = plant.folder / "models" / shelf_module.STATE
    state.unlink() if content is None else state.write_bytes(content)
    assert "registry.json was changed or taken away" in plant.registry.trouble
    assert plant.roles() == {"1": "shadow"}, "what runs goes on"
    lost = plant.opened()
    assert lost.states() == () and "no model predicts" in lost.trouble, "and a start says what is missing"
    plant.promote("1", is_override=True)
    assert plant.registry.trouble == ""
    plant.registry = plant.opened()
    assert plant.roles() == {"1": "champion"} and plant.registry.trouble == ""


def test_only_what_the_ledger_signed_runs_in_this_process(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    plant.bring("1")
    rows = np.zeros((2, 12), np.float32)
    guarded = plant.registry.open("pump-failure", "1")
    assert isinstance(guarded, GuardedModel)
    answer = guarded.run(rows)
    guarded.close()
    plant.promote("1", is_override=True)
    here = plant.registry.open("pump-failure", "1")
    assert isinstance(here, Package)
    np.testing.assert_array_equal(here.run(rows), answer)
    plant.signed.clear()  # registry.json alone signs nothing
    unsigned = plant.registry.open("pump-failure", "1")
    assert isinstance(unsigned, GuardedModel)
    unsigned.close()


def test_a_hostile_model_is_not_imported(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    pack(tmp_path / "hostile", hostile.bomb())
    with pytest.raises(PackageRefused, match="golden rows"):
        plant.registry.importing(tmp_path / "hostile", "A. Engineer", "from the vendor")
    assert plant.opened().states() == ()
    assert not list((tmp_path / "models").rglob("*.onnx"))

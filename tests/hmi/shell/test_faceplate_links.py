"""What a faceplate says of an asset's neighbours, documents and nameplate; no Qt."""

from __future__ import annotations

from engine.types import AssetRow, Document, NameplateEntry, Project, Relation
from hmi.displays.display import DOCUMENT, Place
from hmi.model import Model, build
from hmi.shell.faceplate_links import all_documents, link_rows, nameplate, nameplate_text
from tests.hmi.line import LINE, PRESS, PRESSURE

HYDRAULICS, PUMP, VALVE = f"{PRESS}/Hydraulics", f"{PRESS}/P-501", f"{PRESS}/V-502"
TANK, RAM, ROBOT = f"{PRESS}/Tank", f"{PRESS}/Ram", "Framing/S30 Spot weld A/Robot 1"
WATER = "Utilities/Cooling water"


def plant(**more: object) -> Model:
    import msgspec

    assets = (AssetRow(PUMP), AssetRow(VALVE), AssetRow(TANK, title="oil tank"), AssetRow(WATER))
    project: Project = msgspec.structs.replace(LINE, assets=assets, **more)
    return build(project)


def told(model: Model, asset: str) -> dict[str, str]:
    return {
        row.title: "".join(each.lead + each.text for each in row.names) for row in link_rows(model, asset)
    }


def test_nothing_is_shown_where_nothing_is_known() -> None:
    model = plant()
    assert link_rows(model, HYDRAULICS) == ()
    assert all_documents(model, HYDRAULICS) == ()
    assert nameplate(model, HYDRAULICS) == ()


def test_what_flows_is_told_as_a_chain_downstream_and_as_a_list_upstream() -> None:
    relations = (
        Relation(HYDRAULICS, "feeds", VALVE, "oil"),
        Relation(VALVE, "feeds", RAM),
        Relation(PUMP, "feeds", HYDRAULICS),
        Relation(TANK, "feeds", PUMP),
    )
    model = plant(relations=relations)
    assert told(model, HYDRAULICS) == {"Feeds": "V-502 \u2192 Ram", "Fed by": "P-501, oil tank"}
    assert link_rows(model, HYDRAULICS)[0].names[0].told.endswith("V-502 (oil)")


def test_two_fed_side_by_side_are_no_chain() -> None:
    model = plant(relations=(Relation(HYDRAULICS, "feeds", VALVE), Relation(HYDRAULICS, "feeds", RAM)))
    assert told(model, HYDRAULICS) == {"Feeds": "V-502, Ram"}


def test_a_row_follows_what_flows_two_steps_and_no_further() -> None:
    relations = tuple(
        Relation(a, "feeds", b) for a, b in ((TANK, PUMP), (PUMP, HYDRAULICS), (HYDRAULICS, RAM))
    )
    assert told(plant(relations=relations), TANK) == {"Feeds": "P-501 \u2192 Hydraulics"}


def test_cooling_driving_and_measuring_have_rows_of_their_own() -> None:
    relations = (
        Relation(WATER, "cools", HYDRAULICS),
        Relation(PUMP, "drives", HYDRAULICS),
        Relation(HYDRAULICS, "measured by", PRESSURE),
        Relation(HYDRAULICS, "drives", ROBOT),
    )
    model = plant(relations=relations)
    assert told(model, HYDRAULICS) == {
        "Cooled by": "Cooling water",
        "Driven by": "P-501",
        "Drives": "S30 Robot 1",
        "Measured by": "Pressure",
    }
    assert told(model, WATER) == {"Cools": "S50 Hydraulics"}
    pressure = link_rows(model, HYDRAULICS)[-1].names[0]
    assert pressure.place == Place("", PRESSURE)


def test_relation_to_what_the_plant_lacks_is_told_and_leads_nowhere() -> None:
    model = plant(relations=(Relation("Framing/Gone", "feeds", HYDRAULICS),))
    name = link_rows(model, HYDRAULICS)[0].names[0]
    assert (name.text, name.place) == ("Gone", Place())


def test_manual_opens_at_its_page() -> None:
    model = plant(
        documents=(
            Document(HYDRAULICS, "HYD-5012: seal change", "m.pdf", 44),
            Document(HYDRAULICS, "HYD-5012", "m.pdf"),
            Document(HYDRAULICS, "Circuit", "c.png", 1, "drawing"),
        )
    )
    rows = link_rows(model, HYDRAULICS)
    assert [(row.title, row.names[0].text) for row in rows] == [
        ("Manual", "HYD-5012, page 44: seal change"),
        ("", "HYD-5012"),
        ("Drawing", "Circuit"),
    ]
    assert rows[0].names[0].place == Place(DOCUMENT, "44:m.pdf")


def test_documents_of_an_asset_are_its_own_and_those_of_all_above_each_page_once() -> None:
    model = plant(
        documents=(
            Document("Framing", "Line", "line.pdf"),
            Document(PRESS, "Drawing", "s50.png", 1, "drawing"),
            Document(PRESS, "Manual again", "m.pdf"),
            Document(HYDRAULICS, "Manual", "m.pdf"),
        )
    )
    found = [(owner, [each.title for each in mine]) for owner, mine in all_documents(model, HYDRAULICS)]
    assert found == [("Hydraulics", ["Manual"]), ("S50 Roof press", ["Drawing"]), ("Framing", ["Line"])]


def test_nameplate_is_copied_as_lines_with_units() -> None:
    entries = (
        NameplateEntry(HYDRAULICS, "Manufacturer", "Fictional"),
        NameplateEntry(HYDRAULICS, "Remark", " "),
        NameplateEntry(HYDRAULICS, "Rated pressure", "220", "bar"),
    )
    shown = nameplate(plant(nameplates=entries), HYDRAULICS)
    assert nameplate_text(HYDRAULICS, shown) == (
        "Framing \u203a S50 Roof press \u203a Hydraulics\nManufacturer\tFictional\nRated pressure\t220 bar"
    )

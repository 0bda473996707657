"""Shells that others wrote: as far as they can be read, and no further than is safe."""
# ruff: noqa: E501 - files as others write them, one element a line

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine.twin import aas_package
from engine.twin.aas_import import import_aas
from engine.twin.import_rows import ImportProblem
from engine.types import AssetRow, NameplateEntry, Relation

# Written by hand after the published templates, as a manufacturer's file looks: no note of ours in it.
FOREIGN: dict[str, Any] = {
    "assetAdministrationShells": [
        {
            "modelType": "AssetAdministrationShell",
            "id": "https://maker.example/aas/line",
            "idShort": "Line4",
            "assetInformation": {"assetKind": "Instance", "globalAssetId": "https://maker.example/line/4"},
            "submodels": [{"type": "ModelReference", "keys": [{"type": "Submodel", "value": "bom"}]}],
        },
        {
            "modelType": "AssetAdministrationShell",
            "id": "https://maker.example/aas/pump",
            "idShort": "PumpShell",
            "displayName": [{"language": "de", "text": "Pumpe 1/A"}, {"language": "en", "text": "Pump 1/A"}],
            "assetInformation": {"assetKind": "Instance", "globalAssetId": "https://maker.example/pump/1"},
            "submodels": [
                {"type": "ModelReference", "keys": [{"type": "Submodel", "value": id}]}
                for id in ("plate", "technical", "links", "unknown", "lost")
            ],
        },
    ],
    "submodels": [
        {
            "modelType": "Submodel",
            "id": "plate",
            "idShort": "Nameplate",
            "semanticId": {"type": "ExternalReference", "keys": [{"type": "GlobalReference", "value": "https://admin-shell.io/idta/nameplate/3/0/Nameplate"}]},
            "submodelElements": [
                {"modelType": "MultiLanguageProperty", "idShort": "ManufacturerName", "value": [{"language": "de", "text": "Pumpenbau"}]},
                {"modelType": "Property", "idShort": "SerialNumber", "valueType": "xs:string", "value": "S-1"},
                {
                    "modelType": "SubmodelElementCollection",
                    "idShort": "AddressInformation",
                    "value": [{"modelType": "Property", "idShort": "Zipcode", "valueType": "xs:string", "value": "80331"}],
                },
                {"modelType": "File", "idShort": "CompanyLogo", "contentType": "image/png", "value": "/logo.png"},
            ],
        },
        {
            "modelType": "Submodel",
            "id": "technical",
            "idShort": "TechnicalData",
            "submodelElements": [
                {
                    "modelType": "SubmodelElementCollection",
                    "idShort": "TechnicalProperties",
                    "value": [
                        {
                            "modelType": "Property",
                            "idShort": "MaxPressure",
                            "valueType": "xs:double",
                            "value": 16.5,
                            "semanticId": {"type": "ExternalReference", "keys": [{"type": "GlobalReference", "value": "0173-1#02-X#001"}]},
                        },
                        {"modelType": "Range", "idShort": "Temperature", "valueType": "xs:int", "min": "-20", "max": "60"},
                    ],
                }
            ],
        },
        {
            "modelType": "Submodel",
            "id": "bom",
            "idShort": "BillOfMaterial",
            "submodelElements": [
                {
                    "modelType": "Entity",
                    "idShort": "EntryNode",
                    "entityType": "SelfManagedEntity",
                    "globalAssetId": "https://maker.example/line/4",
                    "statements": [
                        {"modelType": "Entity", "idShort": "Pump", "entityType": "SelfManagedEntity", "globalAssetId": "https://maker.example/pump/1"},
                        {
                            "modelType": "Entity",
                            "idShort": "Frame",
                            "entityType": "CoManagedEntity",
                            "statements": [{"modelType": "Entity", "idShort": "Bolt", "entityType": "CoManagedEntity"}],
                        },
                    ],
                }
            ],
        },
        {
            "modelType": "Submodel",
            "id": "links",
            "idShort": "Connections",
            "submodelElements": [
                {
                    "modelType": "RelationshipElement",
                    "idShort": "Feeds_1",
                    "first": {"type": "ModelReference", "keys": [{"type": "AssetAdministrationShell", "value": "https://maker.example/aas/pump"}]},
                    "second": {"type": "ExternalReference", "keys": [{"type": "GlobalReference", "value": "https://maker.example/line/4"}]},
                },
                {"modelType": "RelationshipElement", "idShort": "LooksLike", "first": {}, "second": {}},
            ],
        },
        {"modelType": "Submodel", "id": "unknown", "idShort": "CarbonFootprint", "submodelElements": [3, None, {}]},
    ],
    "conceptDescriptions": [
        {
            "id": "0173-1#02-X#001",
            "embeddedDataSpecifications": [{"dataSpecificationContent": {"modelType": "DataSpecificationIec61360", "unit": "bar"}}],
        }
    ],
}  # fmt: skip


def test_a_manufacturers_file_becomes_assets_plates_and_relations(tmp_path: Path) -> None:
    (tmp_path / "maker.json").write_text(json.dumps(FOREIGN))
    found = import_aas(tmp_path / "maker.json", under="Hall")
    assert found.assets == (
        AssetRow("Hall/Line4", number="https://maker.example/line/4"),
        AssetRow("Hall/Line4/Pump 1-A", number="https://maker.example/pump/1"),
        AssetRow("Hall/Line4/Frame"),
        AssetRow("Hall/Line4/Frame/Bolt"),
    )
    pump = "Hall/Line4/Pump 1-A"
    assert found.nameplates == (
        NameplateEntry(pump, "ManufacturerName", "Pumpenbau"),
        NameplateEntry(pump, "SerialNumber", "S-1"),
        NameplateEntry(pump, "AddressInformation/Zipcode", "80331"),
        NameplateEntry(pump, "MaxPressure", "16.5", "bar", "0173-1#02-X#001", "technical"),
        NameplateEntry(pump, "Temperature", "-20 to 60", group="technical"),
    )
    assert found.relations == (Relation(pump, "feeds", "Hall/Line4"),)
    told = " ".join(found.notes)
    assert "1 elements of kind File" in told
    assert "1 submodels CarbonFootprint" in told
    assert "1 submodels that are named but are not in the file" in told
    assert "1 relations that have no kind" in told


@pytest.mark.parametrize("version", ["3/0", "3/1"])
def test_xml_of_version_3_says_the_same_as_json(tmp_path: Path, version: str) -> None:
    (tmp_path / "a.xml").write_text(f"""<?xml version="1.0"?>
<aas:environment xmlns:aas="https://admin-shell.io/aas/{version}"><aas:assetAdministrationShells>
<aas:assetAdministrationShell><aas:id>i</aas:id><aas:idShort>Fan</aas:idShort>
<aas:assetInformation><aas:assetKind>Instance</aas:assetKind><aas:globalAssetId>g1</aas:globalAssetId></aas:assetInformation>
<aas:submodels><aas:reference><aas:type>ModelReference</aas:type><aas:keys><aas:key><aas:type>Submodel</aas:type><aas:value>p</aas:value></aas:key></aas:keys></aas:reference></aas:submodels>
</aas:assetAdministrationShell></aas:assetAdministrationShells>
<aas:submodels><aas:submodel><aas:id>p</aas:id><aas:idShort>Nameplate</aas:idShort><aas:submodelElements>
<aas:multiLanguageProperty><aas:idShort>ManufacturerName</aas:idShort><aas:value><aas:langStringTextType><aas:language>en</aas:language><aas:text>Fans &amp; Co</aas:text></aas:langStringTextType></aas:value></aas:multiLanguageProperty>
<aas:submodelElementCollection><aas:idShort>Marking</aas:idShort><aas:value><aas:property><aas:idShort>Name</aas:idShort><aas:valueType>xs:string</aas:valueType><aas:value>CE</aas:value></aas:property></aas:value></aas:submodelElementCollection>
</aas:submodelElements></aas:submodel></aas:submodels></aas:environment>""")
    found = import_aas(tmp_path / "a.xml")
    assert found.assets == (AssetRow("Fan", number="g1"),)
    plates = [(each.name, each.value) for each in found.nameplates]
    assert plates == [("ManufacturerName", "Fans & Co"), ("Marking/Name", "CE")]


def test_xml_of_version_2_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text('<aasenv xmlns="http://www.admin-shell.io/aas/2/0"/>')
    refused(tmp_path / "a.xml", "only version 3 is read: open it in the AASX Package Explorer")


def test_entities_of_xml_are_never_expanded(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};">' for n in range(1, 40))
    (tmp_path / "a.xml").write_text(f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l39;</x>')
    refused(tmp_path / "a.xml", "declares a document type")
    (tmp_path / "b.xml").write_text('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>')
    refused(tmp_path / "b.xml", "declares a document type")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.aasx", b"no zip at all", "is not a ZIP file"),
        ("a.aasx", b"PK\x03\x04 torn", "is not a ZIP file"),
        ("a.aasx", b"", "is not a ZIP file"),
        ("a.json", b"{", "is neither AAS JSON nor XML"),
        ("a.json", b"[" * 100_000, "is neither AAS JSON nor XML"),
        ("a.json", b'{"a": 1}', "holds no asset administration shells"),
        ("a.json", b'{"submodels": 7}', "holds no asset administration shell of an asset"),
        ("a.json", b"\xff\xfe\x00", "is neither AAS JSON nor XML"),
        ("a.xml", b"<a><b></a>", "is not XML as it should be"),
        ("a.xml", b"<a/>", "is XML, but not that of an Asset Administration Shell"),
        ("a.xml", b"<a>" * 300, "is nested or long beyond all measure"),
    ],
)
def test_what_is_no_shell_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, why)


def package(path: Path, environment: dict[str, Any], **files: bytes) -> Path:
    with path.open("wb") as to:
        aas_package.pack(to, json.dumps(environment).encode(), {})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as out:
        for part, content in files.items():
            out.writestr(part, content)
    return path


def with_document(part: str, **more: Any) -> dict[str, Any]:
    """A shell with one document, whose file is this part."""
    file = {"modelType": "File", "idShort": "DigitalFile", "contentType": "application/pdf", "value": part}
    title = {
        "modelType": "MultiLanguageProperty",
        "idShort": "Title",
        "value": [{"language": "en", "text": "T"}],
    }
    document = {
        "modelType": "SubmodelElementCollection",
        "idShort": "Document",
        "value": [title, file],
        **more,
    }
    keys = [{"type": "Submodel", "value": "h"}]
    return {
        "assetAdministrationShells": [{"id": "i", "idShort": "A", "submodels": [{"keys": keys}]}],
        "submodels": [{"id": "h", "idShort": "HandoverDocumentation", "submodelElements": [document]}],
    }


@pytest.mark.parametrize(
    "wanted",
    ["../../etc/cron.pdf", "/etc/cron.pdf", "C:\\Windows\\cron.pdf", "a/../../cron.pdf", "..\\cron.pdf"],
)
def test_a_file_name_that_leads_out_of_documents_is_cut_to_its_end(tmp_path: Path, wanted: str) -> None:
    note = [{"name": "watchroom:file", "value": wanted}]
    made = package(tmp_path / "a.aasx", with_document("/d.pdf", extensions=note), **{"d.pdf": b"%PDF"})
    found = import_aas(made)
    assert found.files == {"cron.pdf": b"%PDF"}
    assert [each.file for each in found.documents] == ["cron.pdf"]


def test_a_part_name_with_dots_stays_inside_the_package(tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    found = import_aas(package(tmp_path / "a.aasx", with_document("../../../secret.pdf")))
    assert (found.files, found.documents) == ({}, ())
    assert "1 documents that lie elsewhere" in " ".join(found.notes)


def test_programs_are_not_taken_for_documents(tmp_path: Path) -> None:
    found = import_aas(package(tmp_path / "a.aasx", with_document("/run.exe"), **{"run.exe": b"MZ"}))
    assert found.files == {}
    assert "1 files that are neither PDF nor picture" in " ".join(found.notes)


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = package(tmp_path / "a.aasx", with_document("/d.pdf"), **{"d.pdf": b"\0" * 30_000_000})
    assert bomb.stat().st_size < 100_000
    monkeypatch.setattr("engine.twin.aas_read.LARGEST_FILE", 10_000_000)
    refused(bomb, "unpacks to more than 9 MB")


def test_a_part_that_declares_less_than_it_holds_is_refused(tmp_path: Path) -> None:
    made = package(tmp_path / "a.aasx", with_document("/d.pdf"), **{"d.pdf": b"\0" * 100_000})
    raw = made.read_bytes()
    made.write_bytes(raw.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    refused(made, "cannot be unpacked")


def test_all_parts_together_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = package(tmp_path / "a.aasx", with_document("/d.pdf"), **{"d.pdf": b"\0" * 3_000_000})
    monkeypatch.setattr("engine.twin.aas_package.LARGEST_TOTAL", 2_000_000)
    refused(made, "it is not read")


def test_hierarchies_that_go_in_a_circle_end(tmp_path: Path) -> None:
    def shell(name: str, below: str) -> tuple[dict[str, Any], dict[str, Any]]:
        node = {"modelType": "Entity", "idShort": below, "globalAssetId": below}
        entry = {"modelType": "Entity", "idShort": "EntryNode", "globalAssetId": name, "statements": [node]}
        keys = [{"value": f"bom {name}"}]
        return (
            {"id": f"aas {name}", "idShort": name, "assetInformation": {"globalAssetId": name}, "submodels": [{"keys": keys}]},
            {"id": f"bom {name}", "idShort": "BillOfMaterial", "submodelElements": [entry]},
        )  # fmt: skip

    both = [shell("A", "B"), shell("B", "A")]
    environment = {"assetAdministrationShells": [s for s, _ in both], "submodels": [b for _, b in both]}
    (tmp_path / "a.json").write_text(json.dumps(environment))
    assert [each.path for each in import_aas(tmp_path / "a.json").assets] == ["A", "A/B"]


def test_shells_without_ids_and_with_the_same_name_are_all_there(tmp_path: Path) -> None:
    shells = [{"idShort": "Pump"}, {"idShort": "Pump"}, {"assetInformation": 3}]
    (tmp_path / "a.json").write_text(json.dumps({"assetAdministrationShells": shells}))
    paths = [each.path for each in import_aas(tmp_path / "a.json").assets]
    assert paths == ["Pump", "Pump (2)", "asset"]


def refused(path: Path, why: str) -> None:
    with pytest.raises(ImportProblem, match=why) as caught:
        import_aas(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400

"""NodeSet2 files of machines as assets and tags."""
# ruff: noqa: E501 - files as others write them, one element a line

from pathlib import Path

import pytest

from engine.twin.import_rows import ImportProblem
from engine.twin.nodeset_import import import_nodeset
from engine.types import NameplateEntry

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<UANodeSet xmlns="http://opcfoundation.org/UA/2011/03/UANodeSet.xsd"
 xmlns:uax="http://opcfoundation.org/UA/2008/02/Types.xsd">
<NamespaceUris><Uri>urn:maker:press</Uri></NamespaceUris>
<Aliases><Alias Alias="Double">i=11</Alias><Alias Alias="HasComponent">i=47</Alias>
<Alias Alias="HasProperty">i=46</Alias><Alias Alias="Organizes">i=35</Alias><Alias Alias="Feeds">ns=1;i=900</Alias>
<Alias Alias="HasSubtype">i=45</Alias><Alias Alias="HasTypeDefinition">i=40</Alias></Aliases>
<UAReferenceType NodeId="ns=1;i=900" BrowseName="1:Holds"><DisplayName>Holds</DisplayName>
 <References><Reference ReferenceType="HasSubtype" IsForward="false">i=47</Reference></References></UAReferenceType>
<UAObjectType NodeId="ns=1;i=1000" BrowseName="1:PressType"><DisplayName>PressType</DisplayName></UAObjectType>
<UAVariable NodeId="ns=1;i=1001" BrowseName="1:Declared" ParentNodeId="ns=1;i=1000" DataType="Double">
 <DisplayName>Declared</DisplayName></UAVariable>
"""
MACHINE = """
<UAObject NodeId="ns=1;s=Press" BrowseName="1:Press"><DisplayName>Press 1/A</DisplayName><References>
 <Reference ReferenceType="Organizes" IsForward="false">i=85</Reference>
 <Reference ReferenceType="HasTypeDefinition">ns=1;i=1000</Reference>
 <Reference ReferenceType="HasProperty">ns=1;s=Serial</Reference>
 <Reference ReferenceType="Feeds">ns=1;s=Oil</Reference></References></UAObject>
<UAObject NodeId="ns=1;s=Oil" BrowseName="1:Oil"><DisplayName>Oil</DisplayName></UAObject>
<UAVariable NodeId="ns=1;s=Serial" BrowseName="SerialNumber" DataType="i=12"><DisplayName>SerialNumber</DisplayName>
 <References><Reference ReferenceType="HasTypeDefinition">i=68</Reference></References>
 <Value><uax:String>S-77</uax:String></Value></UAVariable>
<UAVariable NodeId="ns=1;s=Pressure" BrowseName="1:Pressure" ParentNodeId="ns=1;s=Oil" DataType="Double">
 <DisplayName>Pressure</DisplayName><References>
 <Reference ReferenceType="HasComponent" IsForward="false">ns=1;s=Oil</Reference>
 <Reference ReferenceType="HasProperty">ns=1;s=Range</Reference>
 <Reference ReferenceType="HasProperty">ns=1;s=Unit</Reference></References></UAVariable>
<UAVariable NodeId="ns=1;s=Range" BrowseName="EURange" DataType="i=884"><Value><uax:ExtensionObject><uax:Body>
 <uax:Range><uax:Low>-1</uax:Low><uax:High>16.5</uax:High></uax:Range></uax:Body></uax:ExtensionObject></Value></UAVariable>
<UAVariable NodeId="ns=1;s=Unit" BrowseName="EngineeringUnits" DataType="i=887"><Value><uax:ExtensionObject><uax:Body>
 <uax:EUInformation><uax:UnitId>4342098</uax:UnitId><uax:DisplayName><uax:Text>bar</uax:Text></uax:DisplayName>
 <uax:Description><uax:Text>bar</uax:Text></uax:Description></uax:EUInformation></uax:Body></uax:ExtensionObject></Value></UAVariable>
<UAVariable NodeId="ns=1;i=5" BrowseName="1:Mode" ParentNodeId="ns=1;s=Press" DataType="ns=1;i=77">
 <DisplayName>Mode</DisplayName><References>
 <Reference ReferenceType="HasProperty">ns=1;s=Words</Reference></References></UAVariable>
<UAVariable NodeId="ns=1;s=Words" BrowseName="EnumStrings" DataType="i=21"><Value><uax:ListOfLocalizedText>
 <uax:LocalizedText><uax:Text>off</uax:Text></uax:LocalizedText><uax:LocalizedText><uax:Text>hand|auto</uax:Text></uax:LocalizedText>
 </uax:ListOfLocalizedText></Value></UAVariable>
<UAVariable NodeId="ns=1;s=List" BrowseName="1:List" ParentNodeId="ns=1;s=Press" DataType="i=6" ValueRank="1"/>
"""


def wrote(folder: Path, inside: str) -> Path:
    path = folder / "set.xml"
    path.write_text(f"{HEAD}{inside}</UANodeSet>", "utf-8")
    return path


def test_objects_are_assets_and_their_variables_tags_with_unit_range_and_states(tmp_path: Path) -> None:
    found = import_nodeset(wrote(tmp_path, MACHINE), "plc", under="Hall")
    assert [each.path for each in found.assets] == ["Hall/Press 1-A", "Hall/Press 1-A/Oil"]
    tags = {each.path: each for each in found.tags}
    assert list(tags) == ["Hall/Press 1-A/Oil/Pressure", "Hall/Press 1-A/Mode"]
    pressure, mode = tags.values()
    assert pressure.address == "nsu=urn:maker:press;s=Pressure"
    assert (pressure.type, pressure.unit, pressure.low, pressure.high) == ("float64", "bar", -1.0, 16.5)
    assert (mode.address, mode.type, mode.states) == (
        "nsu=urn:maker:press;i=5",
        "int32",
        {0: "off", 1: "hand/auto"},
    )
    assert found.nameplates == (NameplateEntry("Hall/Press 1-A", "SerialNumber", "S-77"),)
    assert found.notes == ("left out: 1 variables that are arrays, times or structures",)


def test_a_file_of_types_alone_says_what_to_import_instead(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match="describes 1 types of objects but holds no object"):
        import_nodeset(wrote(tmp_path, ""), "plc")


def test_nodes_that_stand_below_each_other_in_a_circle_end(tmp_path: Path) -> None:
    circle = "".join(
        f'<UAObject NodeId="ns=1;i={here}" BrowseName="1:{here}" ParentNodeId="ns=1;i={above}"/>'
        for here, above in ((1, 2), (2, 1))
    )
    with pytest.raises(ImportProblem, match="holds no object of them"):
        import_nodeset(wrote(tmp_path, circle), "plc")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<a/>", "is no NodeSet2 file"),
        ("not xml", "is not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><UANodeSet>&b;</UANodeSet>', "declares a document type"),
        ('<UANodeSet><UAObject NodeId="ns=4;i=1"/></UANodeSet>', "is of namespace 4"),
    ],
)
def test_what_is_no_nodeset_is_refused_in_a_sentence(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "set.xml").write_text(text)
    with pytest.raises(ImportProblem, match=why):
        import_nodeset(tmp_path / "set.xml", "plc")

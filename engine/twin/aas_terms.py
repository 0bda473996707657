"""What the Asset Administration Shell calls things: ids of published submodel templates and elements."""

from __future__ import annotations

from engine.types import DocumentKind, RelationKind

NAMEPLATE = "https://admin-shell.io/zvei/nameplate/2/0/Nameplate"
"""IDTA 02006-2-0 Digital Nameplate."""
TECHNICAL = "https://admin-shell.io/ZVEI/TechnicalData/Submodel/1/2"
"""IDTA 02003-1-2 Technical Data."""
GENERAL = "https://admin-shell.io/ZVEI/TechnicalData/GeneralInformation/1/1"
PROPERTIES = "https://admin-shell.io/ZVEI/TechnicalData/TechnicalProperties/1/1"
HANDOVER = "0173-1#01-AHF578#001"
"""IDTA 02004-1-2 Handover Documentation."""
DOCUMENT = "0173-1#02-ABI500#001/0173-1#01-AHF579#001"
DOCUMENT_ID = "0173-1#02-ABI501#001/0173-1#01-AHF580#001"
CLASSIFICATION = "0173-1#02-ABI502#001/0173-1#01-AHF581#001"
CLASS_ID = "0173-1#02-ABH996#001"
CLASS_NAME = "0173-1#02-AAO102#003"
CLASS_SYSTEM = "0173-1#02-ABH997#001"
VERSION = "0173-1#02-ABI503#001/0173-1#01-AHF582#001"
TITLE = "0173-1#02-AAO105#002"
DIGITAL_FILE = "0173-1#02-ABI504#001/0173-1#01-AHF583#001"
SERIES = "https://admin-shell.io/idta/TimeSeries/1/1"
"""IDTA 02008-1-1 Time Series Data."""
SERIES_METADATA = "https://admin-shell.io/idta/TimeSeries/Metadata/1/1"
RECORD = "https://admin-shell.io/idta/TimeSeries/Record/1/1"
RECORDS = "https://admin-shell.io/idta/TimeSeries/Records/1/1"
UTC_TIME = "https://admin-shell.io/idta/TimeSeries/UtcTime/1/1"
SEGMENTS = "https://admin-shell.io/idta/TimeSeries/Segments/1/1"
LINKED = "https://admin-shell.io/idta/TimeSeries/Segments/LinkedSegment/1/1"
INTERNAL = "https://admin-shell.io/idta/TimeSeries/Segments/InternalSegment/1/1"
ENDPOINT = "https://admin-shell.io/idta/TimeSeries/Endpoint/1/1"
QUERY = "https://admin-shell.io/idta/TimeSeries/Query/1/1"
HIERARCHY = "https://admin-shell.io/idta/HierarchicalStructures/1/1/Submodel"
"""IDTA 02011-1-1 Hierarchical Structures enabling Bills of Material."""
ARCHETYPE = "https://admin-shell.io/idta/HierarchicalStructures/ArcheType/1/0"
ENTRY_NODE = "https://admin-shell.io/idta/HierarchicalStructures/EntryNode/1/0"
NODE = "https://admin-shell.io/idta/HierarchicalStructures/Node/1/0"
HAS_PART = "https://admin-shell.io/idta/HierarchicalStructures/HasPart/1/0"
# No published template fits what we say here: free entries about maintenance, and what feeds what.
MAINTENANCE = "urn:watchroom:aas:submodel:maintenance:1"
RELATIONS = "urn:watchroom:aas:submodel:relations:1"
RELATION = "urn:watchroom:aas:relation:"

NAMEPLATE_TERMS = {
    "URIOfTheProduct": "0173-1#02-AAY811#001",
    "ManufacturerName": "0173-1#02-AAO677#002",
    "ManufacturerProductDesignation": "0173-1#02-AAW338#001",
    "ManufacturerProductRoot": "0173-1#02-AAU732#001",
    "ManufacturerProductFamily": "0173-1#02-AAU731#001",
    "ManufacturerProductType": "0173-1#02-AAO057#002",
    "OrderCodeOfManufacturer": "0173-1#02-AAO227#002",
    "ProductArticleNumberOfManufacturer": "0173-1#02-AAO676#003",
    "SerialNumber": "0173-1#02-AAM556#002",
    "YearOfConstruction": "0173-1#02-AAP906#001",
    "DateOfManufacture": "0173-1#02-AAR972#002",
    "HardwareVersion": "0173-1#02-AAN270#002",
    "FirmwareVersion": "0173-1#02-AAM985#002",
    "SoftwareVersion": "0173-1#02-AAM737#002",
    "CountryOfOrigin": "0173-1#02-AAO259#004",
}
"""ECLASS ids of the Digital Nameplate's properties, by their idShort."""
TRANSLATED = (
    *("ManufacturerName", "ManufacturerProductDesignation", "ManufacturerProductRoot"),
    *("ManufacturerProductFamily", "ManufacturerProductType", "OrderCodeOfManufacturer"),
    *("ProductArticleNumberOfManufacturer", "HardwareVersion", "FirmwareVersion", "SoftwareVersion"),
)
"""Those that the template has in several languages."""
GENERAL_TERMS = ("ManufacturerName", "ManufacturerProductDesignation", "ManufacturerArticleNumber")
VDI_CLASSES: dict[DocumentKind, tuple[str, str]] = {
    "manual": ("03-02", "Operation"),
    "drawing": ("02-02", "Drawings, plans"),
    "procedure": ("03-04", "Maintenance, inspection"),
    "datasheet": ("02-01", "Technical specification"),
    "certificate": ("02-04", "Certificates, declarations"),
    "picture": ("02-02", "Drawings, plans"),
    "other": ("01-01", "Identification"),
}
"""Classes of VDI 2770 sheet 1 that come nearest."""
RELATION_WORDS: dict[RelationKind, tuple[str, ...]] = {
    "feeds": ("feeds", "supplies", "flowsto"),
    "drives": ("drives", "powers"),
    "cools": ("cools",),
    "part of": ("partof",),
    "measured by": ("measuredby",),
}
"""How others name our relations, in lower case without marks between words."""

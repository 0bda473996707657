"""A small project for the tests of exchange, and folders to import into."""

from pathlib import Path

from engine import config
from engine.drivers.opcua import DRIVER
from engine.types import Problem, Project

PLANT = """[plant]
name = "Plant é 1"
[[sources]]
id = "plc"
driver = "opcua"
endpoint = "opc.tcp://127.0.0.1:4840"
security = "none"
"""
TAGS = """path,source,address,type,unit,low,high,rate,states
Hall/P 1/Oil/Pressure,plc,ns=2;s=A,float64,bar,0,5,10,
Hall/P 1/State,plc,ns=2;s=B,int16,,,,,0 off|1 on
Hall/P 2/State,plc,ns=2;s=C,int16,,,,,
"""
ASSETS = "path,level,title,number\nHall/P 1,Unit,Press No. 1,EQ-77\n"
RELATIONS = """subject,relation,object,medium
Hall/P 1/Oil,feeds,Hall/P 1,oil
Hall/P 1,measured by,Hall/P 1/State,
Hall/P 2,part of,Hall/P 1,
"""
NAMEPLATE = """asset,name,value,unit,semantic,group
Hall/P 1,ManufacturerName,Schüler & Söhne,,,
Hall/P 1,Width,12.50,mm,0173-1#02-BAF016#006,technical
Hall/P 1,Oil change,every 2000 h,,,maintenance
Hall/P 1,Höhe/Weird (x),"a ""quoted"", one",,,
"""
DOCUMENTS = "asset,title,file,page,kind\nHall/P 1,Manuäl,oil/m.pdf,12,\nHall/P 2,Sketch,s.png,,drawing\n"
PDF, PNG = b"%PDF-1.4 manual", b"\x89PNG sketch"


def plant_at(folder: Path, **files: str) -> Path:
    """A project folder without tags; double underscores in names are dots."""
    given = {"plant__toml": PLANT, "tags__csv": "path,source,address\n", **files}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in given.items():
        (folder / name.replace("__", ".")).write_text(content, "utf-8")
    return folder


def full_plant(folder: Path) -> Path:
    """A project that says something in every file."""
    plant_at(
        folder,
        tags__csv=TAGS,
        assets__csv=ASSETS,
        relations__csv=RELATIONS,
        nameplate__csv=NAMEPLATE,
        documents__csv=DOCUMENTS,
    )
    (folder / "documents" / "oil").mkdir(parents=True)
    (folder / "documents" / "oil" / "m.pdf").write_bytes(PDF)
    (folder / "documents" / "s.png").write_bytes(PNG)
    return folder


def check(folder: Path) -> list[Problem]:
    """What ``watchroom check`` finds."""
    return config.read(folder, {"opcua": DRIVER})[1]


def read(folder: Path) -> Project:
    """The project, which must be sound."""
    project, problems = config.read(folder, {"opcua": DRIVER})
    assert project is not None, problems
    return project

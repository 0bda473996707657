"""The project folder: plant.toml and tags.csv to structs, with every mistake explained."""

from engine.config.endpoint import write_endpoint
from engine.config.project import read

__all__ = ["read", "write_endpoint"]

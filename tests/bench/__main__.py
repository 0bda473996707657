"""``python -m tests.bench NAME [--seconds N]``: measurements with a named alternative in the same run."""

from __future__ import annotations

import argparse
import os
import platform
from importlib import import_module
from importlib.metadata import version

SETS = {
    "drivers": (
        "tests.bench.drivers_opcua",
        "tests.bench.drivers_modbus",
        "tests.bench.drivers_recovery",
    ),
    "block-path": ("tests.bench.block_path",),
}


def machine() -> str:
    """What the figures were measured on."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "asyncua", "pymodbus"))
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python "
        f"{platform.python_version()}, {packages}; load {load} at the start"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=sorted(SETS))
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    asked = parser.parse_args()
    print(machine(), flush=True)
    for module in SETS[asked.name]:
        print(f"\n== {module.removeprefix('tests.bench.')} ==", flush=True)
        import_module(module).run(asked.seconds)


if __name__ == "__main__":
    main()

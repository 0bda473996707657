"""Makes requirements.lock anew from pyproject.toml: ``python installers/lock.py [PACKAGE…]``.

Needs ``uv`` on the path (or named by the environment variable UV). Named packages are raised to
their newest allowed version, ``--all`` raises everything; without either, versions stay as they are
and only what pyproject.toml changed is resolved again.

One lock holds the runtime and the dev group together: the test command and the program then always
run on the very same files, and the build tools of the editable install come hash-checked too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "python installers/lock.py"


def command(packages: list[str]) -> list[str]:
    """The resolver's command line: every platform, wheels only, hashes, and no address in the result."""
    raise_all = "--all" in packages
    upgrades = ["--upgrade"] if raise_all else [f"--upgrade-package={name}" for name in packages]
    return [
        os.environ.get("UV", "uv"),
        "pip",
        "compile",
        "--universal",
        "--generate-hashes",
        "--no-build",
        "--no-emit-index-url",
        "--no-emit-find-links",
        f"--custom-compile-command={HEADER}",
        "--group=dev",
        *upgrades,
        "--output-file=requirements.lock",
        "pyproject.toml",
    ]


def main(packages: list[str]) -> int:
    """Run the resolver; 0 = the lock is written."""
    try:
        return subprocess.run(command(packages), cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode
    except FileNotFoundError:
        print("uv was not found. Install it (pip install uv) or name it: UV=/path/to/uv", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

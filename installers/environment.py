"""The project's own Python environment: ``.venv``, filled from requirements.lock and nothing else.

A stamp in the environment says what it was made from. It is taken away before anything is changed
and written last, so an interrupted or failed set-up is always repaired by the next one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import re
import subprocess
import sys
from pathlib import Path

from installers.console import SetupFailed, run_visibly, say

ROOT = Path(__file__).resolve().parent.parent
STAMP = "watchroom.stamp"
UNFINISHED = "watchroom.unfinished"
LOG = "watchroom-setup.log"

# Signs in pip's output, in the order in which they are judged.
NO_SPACE = re.compile(r"No space left on device", re.IGNORECASE)
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES", re.IGNORECASE)
NETWORK = re.compile(
    r"(ConnectionError|NewConnectionError|ConnectTimeout|ReadTimeout|timed out|ProxyError|SSLError"
    r"|Connection refused|Connection aborted|ConnectionReset|Name or service not known"
    r"|name resolution|getaddrinfo failed|Max retries exceeded|Network is unreachable"
    r"|IncompleteRead|\d{3} (?:Client|Server) Error)",
    re.IGNORECASE,
)
NO_BUILD = re.compile(r"No matching distribution found for (\S+)", re.IGNORECASE)


def venv_python(venv: Path, windows: bool = sys.platform == "win32") -> Path:
    """Where a virtual environment keeps its Python."""
    return venv / "Scripts" / "python.exe" if windows else venv / "bin" / "python"


def command_path(venv: Path, windows: bool = sys.platform == "win32") -> Path:
    """The ``watchroom`` command of an environment."""
    return venv / "Scripts" / "watchroom.exe" if windows else venv / "bin" / "watchroom"


def stamp_text(root: Path) -> str:
    """What an environment of this checkout is made from: lock, pyproject.toml, Python, machine, place."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((root / name).read_bytes())
    digest.update(f"{platform.python_version()} {platform.machine()} {root}".encode())
    return digest.hexdigest()


def is_ready(root: Path) -> bool:
    """Whether the environment is complete and made from what the checkout says now."""
    venv = root / ".venv"
    stamp = venv / STAMP
    return (
        stamp.is_file()
        and stamp.read_text(encoding="ascii") == stamp_text(root)
        and venv_python(venv).exists()
    )


def lacks_venv() -> bool:
    """Whether this Python came without ``venv`` or ``ensurepip`` (Debian splits them off)."""
    return importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None


def make_ready(root: Path) -> None:
    """Make the environment, or bring it up to date. A sound one takes no time."""
    venv = root / ".venv"
    make_environment(venv)
    (venv / STAMP).unlink(missing_ok=True)
    unfinished = venv / UNFINISHED
    unfinished.touch()
    log = venv / LOG
    log.unlink(missing_ok=True)
    count = len(re.findall(r"^\S+==", (root / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    say(f"[2/3] Packages: about {count}, each checked against requirements.lock (first time: 1–5 minutes)")
    lock = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", str(root / "requirements.lock")]
    pip(venv, log, ["--retries", "3", *lock])
    say("[3/3] Watchroom itself")
    pip(venv, log, ["--no-index", "--no-deps", "--no-build-isolation", "-e", str(root)])
    unfinished.unlink()
    (venv / STAMP).write_text(stamp_text(root), encoding="ascii")


def make_environment(venv: Path) -> None:
    """Create ``.venv``; one left unfinished or made by another Python is made anew."""
    if venv.exists() and not (venv / UNFINISHED).exists() and runs_this_python(venv):
        say("[1/3] Python environment: .venv is there")
        return
    say(f"[1/3] Python environment: .venv with Python {platform.python_version()}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetupFailed(f"Could not make {venv}: {(made.stderr or made.stdout).strip()}")


def runs_this_python(venv: Path) -> bool:
    """Whether the environment's Python starts, has pip, and is of the version that runs now."""
    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        said = subprocess.run(
            [venv_python(venv), "-c", code], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.stdout.strip() == "{}.{}".format(*sys.version_info[:2])


def pip(venv: Path, log: Path, arguments: list[str]) -> None:
    """``pip install`` with progress; a failure becomes one sentence."""
    command = [
        str(venv_python(venv)),
        "-m",
        "pip",
        "install",
        "--no-input",
        "--progress-bar",
        "off",
        *arguments,
    ]
    status, output = run_visibly(command, log, brief, {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    if status:
        raise SetupFailed(explain(output, log))


def brief(line: str) -> str:
    """What a person is shown of pip's line: big downloads, trouble, and the last step."""
    if match := re.match(r"Downloading (\S+) \((\S+ MB)\)", line):
        return f"downloading {match[1].rsplit('/', 1)[-1].split('-')[0]} ({match[2]})"
    if line.startswith("Installing collected packages"):
        return "unpacking"
    return "the network does not answer, trying again" if "Retrying (" in line else ""


def explain(output: str, log: Path) -> str:
    """Pip's failure in words for a person."""
    if NO_SPACE.search(output):
        return "The disk is full. Free about 2 GB and run the same command again."
    if WRONG_HASH.search(output):
        return (
            "A downloaded package is not the one requirements.lock names, so nothing of it was used. "
            f"Run the same command again; if it stays so, the package source is not to be trusted ({log})."
        )
    if found := NETWORK.search(output):
        return (
            f"Could not download packages: {found[0]}. "
            "Check the network or proxy and run the same command again."
        )
    if found := NO_BUILD.search(output):
        return (
            f"There is no ready-made build of {found[1]} for Python {platform.python_version()} "
            f"on {platform.system()} {platform.machine()}. "
            "Python 3.11 to 3.13 on 64-bit Linux or Windows will do."
        )
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    last = errors[-1].removeprefix("ERROR: ") if errors else "pip gave no reason"
    return f"Could not install packages: {last} (all of pip's words: {log})"

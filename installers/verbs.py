"""What ``bootstrap.py`` does: ``run``, ``test`` and ``setup``, in plain order."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from installers import environment
from installers.console import SetupFailed, agrees, run_visibly, say
from installers.linux import libraries

USAGE = """usage: python installers/bootstrap.py VERB [ARGUMENT…]

  run    set up what is missing, then start the demo plant and its window
         (arguments go to: watchroom demo)
  test   set up what is missing, then run the tests (arguments go to: pytest)
  setup  only set up .venv; nothing outside this folder but system libraries changes
"""
TOUR = "tour"
WITHOUT_SCREEN = "not slow and not bench and not screen"
AT_ONCE = ("-n", "4", "--dist", "loadfile", "--no-loadscope-reorder")
"""Many tests wait for real servers and processes: four files at a time take a third of the time. In the order
of tests/conftest.py, which mixes those with what computes."""


def main(arguments: Sequence[str]) -> int:
    """Do one verb; gives the exit status. Every failure is one sentence."""
    verb, *rest = arguments or [""]
    verbs = {"run": run, "test": test, "setup": setup}
    if verb not in verbs:
        print(USAGE, file=sys.stdout if verb in ("-h", "--help") else sys.stderr)
        return 0 if verb in ("-h", "--help") else 2
    try:
        return verbs[verb](environment.ROOT, rest)
    except SetupFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130


def setup(root: Path, arguments: Sequence[str] = ()) -> int:
    """Only set up. Missing system libraries are named, but stop nothing."""
    if arguments:
        raise SetupFailed("setup takes no arguments")
    prepare(root)
    lacking = supply([libraries.DRAWING, libraries.WINDOW])
    if lacking:
        say(lacking)
    look_for_sound()
    say(f"Ready: {environment.command_path(root / '.venv')}")
    return 0


def run(root: Path, arguments: Sequence[str]) -> int:
    """Set up, then the demo: a window, or the tour in pictures where there is no screen."""
    screen = libraries.has_screen(os.environ, sys.platform)
    lacking = supply([libraries.DRAWING, libraries.WINDOW] if screen else [libraries.DRAWING])
    if lacking:
        raise SetupFailed(lacking)
    prepare(root)
    look_for_sound()
    command = [str(environment.command_path(root / ".venv")), "demo", *arguments]
    if screen or "--tour" in arguments:
        return hand_over(command, {} if screen else {"QT_QPA_PLATFORM": "offscreen"})
    command += ["--tour", TOUR]
    say("No screen found (DISPLAY and WAYLAND_DISPLAY are not set), so no window can open here.")
    say("The demo can be drawn off screen instead, as pictures in ./tour, with this command:\n")
    say(f"    {' '.join(['QT_QPA_PLATFORM=offscreen', *command])}\n")
    if not agrees("Do that now?"):
        return 0
    return hand_over(command, {"QT_QPA_PLATFORM": "offscreen"})


def test(root: Path, arguments: Sequence[str]) -> int:
    """Set up, then all tests but the slow ones and the benchmarks."""
    lacking = supply([libraries.DRAWING, libraries.WINDOW], virtual_screen=True)
    prepare(root)
    command = [str(environment.venv_python(root / ".venv")), "-m", "pytest", *AT_ONCE, *arguments]
    if lacking:
        say(lacking)
    if sys.platform == "linux" and libraries.missing([libraries.DRAWING]):
        say("Nothing can be drawn without them: the tests marked `screen` are left out.")
        command += ["-m", WITHOUT_SCREEN]
    os.chdir(root)
    return hand_over(command, {})


def prepare(root: Path) -> None:
    """The environment, complete and up to date."""
    if environment.is_ready(root):
        return
    if environment.lacks_venv():
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        if not (libraries.this_installer() == "apt-get" and libraries.is_root() and apt_install([package])):
            raise SetupFailed(
                "This Python came without venv. On Debian and Ubuntu install it with this line and run the "
                f"same command again:\n\n    sudo apt-get install -y {package}"
            )
    environment.make_ready(root)


def supply(groups: Sequence[Mapping[str, tuple[str, str]]], virtual_screen: bool = False) -> str:
    """See that the system libraries are there; "" when they are, else what to type.

    As root on Debian and Ubuntu they are installed; everywhere else a person is asked to.
    """
    if sys.platform != "linux":
        return ""
    lacking = libraries.missing(groups, virtual_screen)
    if not lacking:
        return ""
    tool = libraries.this_installer()
    if tool == "apt-get" and libraries.is_root():
        say(f"System libraries: {lacking}")
        apt_install(libraries.packages(lacking, tool))
        lacking = libraries.missing(groups, virtual_screen)
        if not lacking:
            return ""
    line = libraries.install_line(lacking, tool, libraries.is_root())
    return (
        f"This machine lacks system libraries for drawing ({lacking}). "
        f"This line installs them:\n\n    {line}\n"
    )


def look_for_sound() -> None:
    """Say what the horn of alarms lacks; that stops nothing, it is shown on the screen instead."""
    lacking = libraries.sound_missing() if sys.platform == "linux" else libraries.Missing(())
    if lacking:
        line = libraries.install_line(lacking, libraries.this_installer(), libraries.is_root())
        say(f"Alarms will be seen and not heard: there is no sound library ({lacking}).")
        say(f"This line installs one:\n\n    {line}\n")


def apt_install(names: Sequence[str]) -> bool:
    """Install Debian packages as root; whether it worked."""
    log = Path(tempfile.gettempdir()) / "watchroom-apt.log"
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *names]):
        say(f"    {' '.join(command)}")
        status, _ = run_visibly(command, log, lambda line: "", quiet)
        if status:
            say(f"      that failed; its words are in {log}")
            return False
    log.unlink()
    return True


def hand_over(command: Sequence[str], more: Mapping[str, str]) -> int:
    """Start the program in our place (Linux), or wait for it (Windows)."""
    sys.stdout.flush()
    environ = {**os.environ, **more}
    if sys.platform != "win32":
        os.execve(command[0], list(command), environ)
    return subprocess.run(list(command), env=environ, check=False).returncode

"""System libraries of Qt: the list is complete, and the line to type is the right one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from installers.linux.libraries import (
    ALSA,
    DRAWING,
    SOUND,
    WINDOW,
    Missing,
    has_screen,
    install_line,
    installer,
    loads,
    missing,
    packages,
    sound_missing,
)

# Part of every Linux that can run the wheels at all.
C_LIBRARY = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1"}
QT = ("Core", "DBus", "Gui", "OpenGL", "OpenGLWidgets", "Svg", "Widgets", "XcbQpa")
LACKING = Missing(("libEGL.so.1", "libxcb-cursor.so.0"), virtual_screen=True)


def needed(library: Path) -> set[str]:
    """Sonames in a library's string table: what it needs, and its own name."""
    return {name.decode() for name in re.findall(rb"(?<=\0)lib[\w.+-]+\.so\.\d+(?=\0)", library.read_bytes())}


@pytest.mark.skipif(sys.platform != "linux", reason="system libraries matter on Linux only")
def test_every_library_that_qt_needs_and_does_not_bring_is_looked_for() -> None:
    import PySide6

    qt = Path(PySide6.__path__[0]) / "Qt"
    parts = [*(qt / "lib" / f"libQt6{name}.so.6" for name in QT), qt / "plugins" / "platforms" / "libqxcb.so"]
    wanted = {name for part in parts for name in needed(part) if not name.startswith(("libQt6", "libicu"))}
    assert "libxcb-cursor.so.0" in wanted
    assert wanted - C_LIBRARY - set(DRAWING) - set(WINDOW) == set()


def test_only_what_does_not_load_is_missing() -> None:
    assert missing([DRAWING], found=lambda name: name != "libEGL.so.1") == Missing(("libEGL.so.1",))
    assert not missing([DRAWING, WINDOW], found=lambda name: True)
    assert not loads("libwatchroom-no-such-thing.so.1")


def test_one_sound_library_is_enough_for_the_horn() -> None:
    assert not sound_missing(found=lambda name: name == ALSA)
    assert not sound_missing(found=lambda name: name in SOUND)
    lacking = sound_missing(found=lambda name: False)
    assert packages(lacking, "apt-get") == ("libpulse0",) and packages(lacking, "pacman") == ("libpulse",)
    assert packages(lacking, "dnf") == ("libpulse-simple.so.0()(64bit)",)


@pytest.mark.parametrize(
    ("os_release", "tool"),
    [
        ("ID=debian\nVERSION_ID=12\n", "apt-get"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt-get"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"),
        ("ID=arch\n", "pacman"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "zypper"),
        ("ID=plan9\n", ""),
    ],
)
def test_the_package_tool_follows_the_distribution(os_release: str, tool: str) -> None:
    assert installer(os_release) == tool


def test_the_line_to_type_is_exact() -> None:
    assert install_line(LACKING, "apt-get", root=False) == (
        "sudo apt-get install -y --no-install-recommends libegl1 libxcb-cursor0 xvfb xauth"
    )
    assert install_line(LACKING, "dnf", root=True) == (
        "dnf install -y 'libEGL.so.1()(64bit)' 'libxcb-cursor.so.0()(64bit)' "
        "xorg-x11-server-Xvfb xorg-x11-xauth"
    )
    assert "libEGL.so.1, libxcb-cursor.so.0, xvfb-run" in install_line(LACKING, "", root=False)


def test_a_package_that_brings_two_libraries_is_named_once() -> None:
    assert packages(Missing(("libglib-2.0.so.0", "libgthread-2.0.so.0")), "apt-get") == ("libglib2.0-0",)


@pytest.mark.skipif(
    not any(Path("/var/lib/apt/lists").glob("*_Packages*")), reason="no list of apt packages here"
)
def test_every_debian_package_of_the_list_exists() -> None:
    names = packages(Missing((*DRAWING, *WINDOW, *SOUND), virtual_screen=True), "apt-get")
    shown = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", *names], capture_output=True, text=True, check=False
    )
    assert set(names) - set(re.findall(r"^Package: (\S+)$", shown.stdout, re.MULTILINE)) == set()


def test_a_screen_is_x11_or_wayland_on_linux_and_always_there_elsewhere() -> None:
    assert has_screen({"DISPLAY": ":0"}, "linux")
    assert has_screen({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert not has_screen({"DISPLAY": ""}, "linux")
    assert has_screen({}, "win32")

"""System libraries that the wheels of Qt expect on Linux, and how each distribution names them.

The names are what the Qt libraries and the xcb platform plugin in PySide6 6.11 list as needed and
do not bring along; a test compares this list with the installed files.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# soname -> (Debian package, Arch package). RPM distributions install by soname.
DRAWING = {
    "libEGL.so.1": ("libegl1", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd"),
    "libX11.so.6": ("libx11-6", "libx11"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype2"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libstdc++.so.6": ("libstdc++6", "gcc-libs"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libz.so.1": ("zlib1g", "zlib"),
    "libzstd.so.1": ("libzstd1", "zstd"),
}
"""Needed to draw at all, also off screen."""

WINDOW = {
    "libX11-xcb.so.1": ("libx11-xcb1", "libx11"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
}
"""Needed besides for a window on an X11 screen (also XWayland)."""

SOUND = {"libpulse-simple.so.0": ("libpulse0", "libpulse")}
"""For the horn of alarms, on PulseAudio and PipeWire. Without any sound library it is only shown."""

ALSA = "libasound.so.2"
"""Does as well, where it is there; Debian and Ubuntu do not agree on the name of its package."""

VIRTUAL_SCREEN = {
    "apt-get": ("xvfb", "xauth"),
    "dnf": ("xorg-x11-server-Xvfb", "xorg-x11-xauth"),
    "pacman": ("xorg-server-xvfb", "xorg-xauth"),
    "zypper": ("xorg-x11-server-Xvfb", "xauth"),
}
"""Packages of ``xvfb-run``: the tests open one window on a screen that exists in memory only."""

FAMILIES = {
    "apt-get": ("debian", "ubuntu"),
    "dnf": ("fedora", "rhel", "centos"),
    "pacman": ("arch",),
    "zypper": ("suse", "opensuse"),
}
INSTALL = {
    "apt-get": "apt-get install -y --no-install-recommends",
    "dnf": "dnf install -y",
    "pacman": "pacman -S --needed",
    "zypper": "zypper install -y",
}


@dataclass(frozen=True)
class Missing:
    """What this machine lacks: libraries by soname, and whether ``xvfb-run`` is wanted and absent."""

    sonames: tuple[str, ...]
    virtual_screen: bool = False

    def __bool__(self) -> bool:
        return bool(self.sonames or self.virtual_screen)

    def __str__(self) -> str:
        return ", ".join([*self.sonames, *(["xvfb-run"] if self.virtual_screen else [])])


def loads(soname: str) -> bool:
    """Whether the dynamic linker finds ``soname``."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing(
    groups: Iterable[Mapping[str, tuple[str, str]]],
    virtual_screen: bool = False,
    found: Callable[[str], bool] = loads,
) -> Missing:
    """What of ``groups`` this machine lacks, and of ``xvfb-run`` when that is wanted."""
    absent = tuple(name for group in groups for name in group if not found(name))
    return Missing(absent, virtual_screen and shutil.which("xvfb-run") is None)


def sound_missing(found: Callable[[str], bool] = loads) -> Missing:
    """What the horn lacks to sound; nothing, where one of the libraries that it can use is there."""
    return Missing(() if any(found(name) for name in (*SOUND, ALSA)) else tuple(SOUND))


def installer(os_release: str) -> str:
    """The package tool for a distribution, from the text of /etc/os-release; "" = unknown."""
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    for tool, families in FAMILIES.items():
        if any(name.startswith(family) for name in names for family in families):
            return tool
    return ""


def this_installer() -> str:
    """The package tool of this machine; "" = unknown or not there."""
    path = Path("/etc/os-release")
    tool = installer(path.read_text(encoding="utf-8")) if path.exists() else ""
    return tool if tool and shutil.which(tool) else ""


def packages(lacking: Missing, tool: str) -> tuple[str, ...]:
    """The packages of ``tool``'s distribution that bring what is lacking, each once."""
    known = {**DRAWING, **WINDOW, **SOUND}
    if tool in ("dnf", "zypper"):
        names = [f"{soname}()(64bit)" for soname in lacking.sonames]
    else:
        names = [known[soname][tool == "pacman"] for soname in lacking.sonames]
    if lacking.virtual_screen:
        names += VIRTUAL_SCREEN[tool]
    return tuple(dict.fromkeys(names))


def install_line(lacking: Missing, tool: str, root: bool) -> str:
    """The one line that a person types to install what is lacking."""
    if not tool:
        return f"Install these with your system's package tool: {lacking}"
    names = (f"'{name}'" if "(" in name else name for name in packages(lacking, tool))
    return f"{'' if root else 'sudo '}{INSTALL[tool]} {' '.join(names)}"


def is_root() -> bool:
    """Whether system packages can be installed without asking for a password."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be opened: always off Linux, else an X11 or Wayland screen is named."""
    if not platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))

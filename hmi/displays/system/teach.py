"""What stands on System before there is anything to show."""

from __future__ import annotations

from hmi.formats import t
from hmi.theme import Theme


def waiting() -> str:
    """What stands here before the engine has said anything (HTML)."""
    return t("<h2>Waiting for the engine</h2><p>It reads the project and connects to the PLCs.</p>")


def help_without_sources(theme: Theme) -> str:
    """What to write where, for somebody whose project has no source yet (HTML)."""
    words = t(
        "<h2>No source yet</h2>"
        "<p>A source is a PLC or a server that Watchroom reads from: an entry in <b>plant.toml</b>.</p>"
        '<pre>[[sources]]<br>id = "press"<br>driver = "opcua"<br>'
        'endpoint = "opc.tcp://192.168.0.10:4840"</pre>'
        '<p><b>driver</b> is "opcua" or "modbus". <b>watchroom check DIR</b> finds mistakes, with file and '
        "line.</p><p>Start the engine again after a change; this window follows by itself. F1 shows more.</p>"
    )
    look = f"p, pre {{ margin: 14px 0; line-height: 150%; }} pre {{ color: {theme.colour.live}; }}"
    return f"<style>{look}</style>{words}"

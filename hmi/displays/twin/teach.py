"""What stands where there is no scene yet. No Qt."""

from __future__ import annotations

from hmi.formats import t


def words_of_nothing(has_plant: bool) -> str:
    """How a twin comes to be, or that the engine has not told of the plant yet; simple HTML."""
    if not has_plant:
        return t(
            "<h2>Waiting for the engine</h2>"
            "<p>The twin is drawn as soon as the engine has read the project.</p>"
        )
    return t(
        "<h2>Nothing to draw yet</h2>"
        "<p>The twin shows the assets of <b>tags.csv</b>: every unit of the plant gets a place of its "
        "own as soon as it has a tag. What <b>relations.csv</b> says feeds what gives their order.</p>"
        "<p>To draw the plant as it stands, press View, then Edit the scene; or write its parts into "
        "<b>scene/line.toml</b>, in metres:</p>"
        '<pre>[[parts]]<br>shape = "robot"<br>asset = "Line 3/S30 Spot weld A/Robot 1"<br>'
        "at = [-9.0, -2.4, 0.0]<br>turn = 90.0</pre>"
        "<p>F1 shows how the file is written.</p>"
    )

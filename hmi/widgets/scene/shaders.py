"""What the graphics card writes instead of colours: the number of what is seen, and the light on it. GLSL."""

from __future__ import annotations

import numpy as np

from hmi.widgets.scene.slots import BRIGHTEST, CAP

HOOK = "//VTK::Light::Impl"
CUT, SCALE = "cutPlane", "hatchScale"
"""Names of the numbers that are set for every picture: the plane as the eye sees it, device pixels of one."""
LIGHTS = (((-0.5, -0.62, 0.85), 0.6), ((0.75, -0.2, 0.45), 0.16))
"""Directions light comes from, and how much: from the left in front, and a fill from the right."""
AROUND, SKY = 0.34, 0.2
"""Light from everywhere, and what more of it falls on what faces up."""


def fragment(is_flat: bool, is_ghost: bool, is_cut: bool, is_wide: bool) -> str:
    """The code of parts that lie on the ground, are seen through, are cut. ``is_wide`` = numbers of 18 bits,
    for which the light gives up two of its eight.
    """
    code = "vec2 number = vertexColorVSOutput.rg;\nfloat high = floor(vertexColorVSOutput.b * 255.0 + 0.5);\n"
    code += f"float light = {'1.0' if is_flat else _light()};\n"
    if is_ghost:
        code += "if (mod(floor(gl_FragCoord.x) + 2.0 * floor(gl_FragCoord.y), 5.0) > 0.5) discard;\n"
    if is_cut:
        # What is seen from its inside is where the cut went through: a flat tone with lines.
        code += (
            f"if (dot({CUT}.xyz, vertexVC.xyz) + {CUT}.w < 0.0) discard;\n"
            "if (!gl_FrontFacing) {\n"
            f"  float open = mod(gl_FragCoord.x + gl_FragCoord.y, 9.0 * {SCALE});\n"
            f"  number = vec2({CAP}.0 / 255.0, 0.0);\n  high = 0.0;\n"
            f"  light = open < 2.2 * {SCALE} ? 0.7 : 1.0;\n"
            "}\n"
        )
    last = "(floor(light * 63.0 + 0.5) * 4.0 + high) / 255.0" if is_wide else "light"
    return f"{HOOK}\n{code}gl_FragData[0] = vec4(number, {last}, 1.0);\n"


def _light() -> str:
    """0…1 of `BRIGHTEST`, by where a surface faces in the hall."""
    terms = [f"{AROUND}", f"{SKY} * max(0.0, faced.z)"]
    for direction, strength in LIGHTS:
        way = np.array(direction) / np.linalg.norm(direction)
        terms.append(f"{strength} * max(0.0, dot(faced, vec3({way[0]:.4f}, {way[1]:.4f}, {way[2]:.4f})))")
    # The inverse of a turn is its transpose: a vector on the left of the matrix.
    light = f"min(1.0, ({' + '.join(terms)}) / {BRIGHTEST})"
    return f"0.0;\nvec3 faced = normalVCVSOutput * normalMatrix;\nlight = {light}"

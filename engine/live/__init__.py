"""The live table: the last value of every tag and a ring of recent samples, in a mapped file.

One engine writes, any number of windows read, nobody waits. A row is guarded by a sequence
counter that is odd while the row changes (a seqlock). The order of plain stores that this needs
is given by x86-64; numpy adds no fences, so other processors are not claimed.
"""

from engine.live.curve import NO_CURVE
from engine.live.layout import plan
from engine.live.reader import LiveReader
from engine.live.table import LiveTable
from engine.live.texts import Texts

__all__ = ["NO_CURVE", "LiveReader", "LiveTable", "Texts", "plan"]

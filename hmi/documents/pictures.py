"""A picture as one page. Only the process that draws pages loads this: it brings a part of Qt with it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer

from hmi.documents.fitting import fitted
from hmi.documents.places import VECTOR, Unreadable
from hmi.documents.wire import WHOLE, Draw, Drawn, Find, Found, Opened
from hmi.formats import t

MOST_MB = 400
"""Of a picture unpacked: 100 million pixels."""
_OUTSIDE = re.compile(rb"<(?:\w+:)?image\b[^>]*?href\s*=\s*[\"'](?!data:|#)", re.IGNORECASE)


class Picture:
    """A picture read once. ``size`` in its own pixels, which count as points."""

    def __init__(self, path: Path, name: str) -> None:
        self._image, self._vector = QImage(), None
        if path.suffix.lower() == VECTOR:
            self._vector = _read_vector(path, name)
            size = self._vector.defaultSize()
        else:
            self._image = _read(path, name)
            size = self._image.size()
        if size.isEmpty():
            raise Unreadable(t("{file} is no picture that can be read, or an empty one.", file=name))
        self.size = float(size.width()), float(size.height())

    def opened(self) -> Opened:
        """One page without text."""
        return Opened(pages=1, size=self.size, has_text=False)

    def draw(self, wanted: Draw) -> Drawn:
        """The picture, or a part of it, on white."""
        width, height, clip = fitted(self.size, wanted.scale, wanted.clip)
        left, top, right, bottom = clip
        made = QImage(width, height, QImage.Format.Format_RGB32)
        made.fill(Qt.GlobalColor.white)
        across, down = width / (right - left), height / (bottom - top)
        whole = QRectF(-left * across, -top * down, across, down)
        with QPainter(made) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if self._vector is not None:
                self._vector.render(painter, whole)
            elif clip == WHOLE:
                # Smaller by far than it is: each new pixel is the mean of those that it covers.
                smooth = Qt.TransformationMode.SmoothTransformation
                fill = Qt.AspectRatioMode.IgnoreAspectRatio
                painter.drawImage(0, 0, self._image.scaled(QSize(width, height), fill, smooth))
            else:
                source = QRectF(left * self.size[0], top * self.size[1], 0, 0)
                source.setSize(QSizeF((right - left) * self.size[0], (bottom - top) * self.size[1]))
                painter.drawImage(QRectF(0, 0, width, height), self._image, source)
        return Drawn(wanted.page, self.size, clip, width, height, bytes(made.constBits()))

    def find(self, wanted: Find) -> Found:
        """A picture has no text."""
        return Found(until=wanted.page)

    def close(self) -> None:
        """Nothing is open."""


def _read(path: Path, name: str) -> QImage:
    QImageReader.setAllocationLimit(MOST_MB)
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        why = reader.errorString()
        raise Unreadable(t("{file} is no picture that can be read ({why}).", file=name, why=why))
    return image


def _read_vector(path: Path, name: str) -> QSvgRenderer:
    if QGuiApplication.instance() is None:
        # Words in a drawing need fonts, and fonts an application, which opens no window here.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        QGuiApplication(["documents"])
    text = path.read_bytes()
    if _OUTSIDE.search(text):
        raise Unreadable(t("{file} shows pictures from other files. Save it with its pictures.", file=name))
    made = QSvgRenderer(QByteArray(text))
    if not made.isValid():
        raise Unreadable(t("{file} is no SVG drawing that can be read.", file=name))
    return made

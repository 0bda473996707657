"""One page of a document onto paper: drawn finely by the reader's process, painted in a thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from hmi.displays.press import Press, Progress, Refused
from hmi.documents import Draw, Drawn, Failed, Reader
from hmi.formats import t
from hmi.shell.document_state import Reading

PAPER_DPI = 200
"""Fine enough for the smallest letters of a manual, and a page is drawn within a second."""


class PagePrinting(QObject):
    """``request`` = the page as paper needs it, while it is waited for. ``wanted`` = have it drawn now;
    ``told`` = how it goes, in words.
    """

    wanted = Signal()
    told = Signal(str)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view, self._press = view, Press(view)
        self._to: QPrinter | None = None
        self.request: Draw | None = None

    @property
    def is_busy(self) -> bool:
        """A page is on its way."""
        return self.request is not None or self._press.is_busy

    def wants(self) -> tuple[Draw, ...]:
        """What is to be drawn for it."""
        return () if self.request is None else (self.request,)

    def ask(self, reading: Reading, size: tuple[float, float]) -> None:
        """Which printer? ``size`` = of the page, in points."""
        if self.is_busy:
            return
        to = printer_for(size)
        asking = QPrintDialog(to, self._view)
        asking.accepted.connect(lambda: self.print(reading, to))
        asking.finished.connect(asking.deleteLater)
        QDialog.open(asking)  # that of QPrintDialog wants a receiver

    def print(self, reading: Reading, to: QPrinter) -> None:
        """Print the page on show."""
        # Pixels of a picture count as its points: more than it has would only be blur.
        is_picture = reading.opened is not None and not reading.opened.has_text
        self.request, self._to = reading.whole(1.0 if is_picture else PAPER_DPI / 72), to
        self.told.emit(t("Drawing the page for the printer…"))
        self.wanted.emit()

    def take(self, reader: Reader) -> None:
        """Paint the page as soon as it is drawn."""
        request, to = self.request, self._to
        answer = reader.answer(request) if request is not None else None
        if answer is None or to is None:
            return
        self.request = self._to = None
        if isinstance(answer, Drawn):
            image = image_of(answer)
            self._press.start(lambda _: paint_page(image, to, _), lambda _: None, self._printed)
        elif isinstance(answer, Failed):
            self._printed(answer.text)

    def drop(self) -> None:
        """The document is closed: what is not drawn yet is not printed."""
        self.request = self._to = None

    def _printed(self, why: str) -> None:
        done = t("The page is on its way to the printer.")
        self.told.emit(t("Not printed: {why}", why=why) if why else done)


def printer_for(size: tuple[float, float]) -> QPrinter:
    """A printer whose paper lies as the page does; ``size`` = of the page, in points."""
    made = QPrinter(QPrinter.PrinterMode.HighResolution)
    if size[0] > size[1]:
        made.setPageOrientation(QPageLayout.Orientation.Landscape)
    return made


def paint_page(image: QImage, to: QPrinter, progress: Progress) -> None:
    """As large as the paper lets it be, in its middle. Raises: Refused, Stopped."""
    painter = QPainter()
    if not painter.begin(to):
        raise Refused(t("the printer does not take it. Choose another one."))
    try:
        paper = to.pageRect(QPrinter.Unit.DevicePixel)
        fitting = image.size().scaled(paper.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (paper.width() - fitting.width()) / 2, (paper.height() - fitting.height()) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, fitting.width(), fitting.height()), image)
    finally:
        is_taken = painter.end()
    progress.reach(1.0)
    if not is_taken or to.printerState() == QPrinter.PrinterState.Error:
        raise Refused(t("the printer does not take it. Choose another one."))


def image_of(drawn: Drawn) -> QImage:
    """What the process drew, as Qt paints it."""
    # Qt reads these bytes where they are; the image keeps them alive.
    made = QImage(drawn.pixels, drawn.width, drawn.height, 4 * drawn.width, QImage.Format.Format_RGB32)
    return made.copy()

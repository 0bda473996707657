"""Models of a real engine: a package is tried, brought in, refused by the rule, and retired."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.paths import resources
from hmi.displays.system.models.page import ModelsPage
from hmi.displays.system.state import PAGES
from tests.hmi.displays.system.seated import seated
from tests.hmi.looking import see

pytestmark = [pytest.mark.screen, pytest.mark.system, pytest.mark.timeout(180)]


def agree(page: ModelsPage, told: str, reason: str) -> None:
    """Wait for the sheet to tell this, and give the reason."""
    sheet = page.acts.sheet
    see(lambda: sheet.isVisible() and told in sheet.said.text(), 30, f"{told}: {page.said.text()}")
    sheet.field.setText(reason)
    sheet.button.click()
    see(lambda: not sheet.isVisible(), 30, sheet.trouble.text())


def test_package_is_tried_brought_in_promoted_against_the_rule_and_retired(
    qapp: QApplication, tmp_path: Path
) -> None:
    with seated(qapp, tmp_path / "demo", "aiko") as (view, _):
        view.show_page(PAGES.index("models"))
        page = view.models
        see(lambda: page.asking.known is not None and page.asking.warned is not None, 20, page.asking.trouble)
        before = len(page.list.table.texts.rows)
        page.acts.bring_in(tmp_path)
        see(lambda: "Nothing was changed" in page.said.text(), 30, "an empty folder is refused")
        page.acts.bring_in(resources() / "models" / "azure-pdm-48h")
        agree(page, "azure-pdm-48h 1.0.0 becomes shadow", "to look at it")
        rows = see(lambda: page.list.table.texts.rows, 10, "the model")
        assert len(rows) == before + 1
        place = [row[0] for row in rows].index("azure-pdm-48h 1.0.0")
        page.list.table.selectRow(place)
        page.list.buttons["promote"].click()
        agree(page, "it ran in shadow for 0.0 days", "a try-out")
        assert page.list.table.texts.rows[0][2] == "champion"
        page.list.table.selectRow([r[0] for r in page.list.table.texts.rows].index("azure-pdm-48h 1.0.0"))
        page.list.buttons["retire"].click()
        agree(page, "becomes retired", "the try-out is over")
        assert "champion → retired" in page.said.text()
        assert "the try-out is over" in page.list.detail.role.text().lower()

"""The ledger of a real engine: entries in words, the proof of one, all of it checked, and a bundle."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.ledger.verify_bundle import verify
from hmi.displays.system.state import PAGES
from tests.hmi.displays.system.seated import seated
from tests.hmi.looking import see

pytestmark = [pytest.mark.screen, pytest.mark.system, pytest.mark.timeout(180)]


def test_ledger_of_a_real_engine_is_read_proved_checked_and_exported(
    qapp: QApplication, tmp_path: Path
) -> None:
    with seated(qapp, tmp_path / "demo", "peter") as (view, _):
        view.show_page(PAGES.index("ledger"))
        page = view.ledger
        see(lambda: page.table.rows.entries and page.table.rows.people, 20, "entries and names")
        page.bar.groups["people"].click()
        see(lambda: page.reader.is_known and not page.reader.is_busy, 15, "log-ins alone")
        entry = next(each for each in page.table.rows.entries if each.type == "login")
        page.open_entry(entry.seq)
        assert page.detail.said.text().startswith("Peter Novak logged in at ")
        page.detail.prove.click()
        see(lambda: page.detail.proof.isVisible(), 15, "a proof")
        leaf = hashlib.sha256(b"\x00" + entry.line.encode()).hexdigest()
        assert page.detail.proof_said.text().startswith("Proven") and leaf in page.detail.proof.toPlainText()
        page.save_proof(tmp_path / "proof.txt")
        assert leaf in (tmp_path / "proof.txt").read_text("utf-8")
        page.head.verify.click()
        see(lambda: page.head.verdict.text(), 30, "a verdict")
        assert (
            page.head.verdict.text().startswith("All ") and "Nothing was changed" in page.head.verdict.text()
        )
        page.work.write(tmp_path / "ledger.zip")
        see(lambda: page.work.bundle.cancel.text() == "Close", 30, page.work.bundle.said.text())
        found = verify(tmp_path / "ledger.zip", None, None)
        assert not found.findings and found.entries > 0

from __future__ import annotations

import pytest

from engine.cli import out


@pytest.mark.parametrize("sent", ["\x1b[2J", "a\nb", "\x9b31m", "\u202egpj.exe", "\u2028", "\x00", "\x7f"])
def test_what_a_device_sends_never_steers_the_terminal(sent: str, capsys: pytest.CaptureFixture[str]) -> None:
    out.say(f"name {sent}")
    out.table([("NAME", "VALUE"), (sent, "1")])
    out.fail(f"bad name {sent}")
    shown = capsys.readouterr()
    assert all(line.isprintable() for line in shown.out.split("\n"))
    assert len(shown.out.splitlines()) == 3
    assert all(line.isprintable() for line in shown.err.split("\n"))


def test_words_of_all_languages_come_out_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    out.say("Öldruck 油压 давление 12.5 °C – ok 😀")
    assert capsys.readouterr().out == "Öldruck 油压 давление 12.5 °C – ok 😀\n"

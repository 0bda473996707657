from __future__ import annotations

import pytest

from engine.cli.main import command_parser


@pytest.mark.parametrize(("text", "hours"), [("72h", 72.0), ("3d", 72.0), ("30m", 0.5), ("1.5h", 1.5)])
def test_length_of_a_history_is_written_with_its_unit(text: str, hours: float) -> None:
    parser, _ = command_parser()
    assert parser.parse_args(["demo", "--history", text]).history == pytest.approx(hours)
    assert parser.parse_args(["demo"]).history is None


@pytest.mark.parametrize("text", ["", "72", "h", "-1h", "0m", "infd", "nanh", "31d", "3 weeks"])
def test_history_of_no_sensible_length_is_refused_in_words(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser, _ = command_parser()
    with pytest.raises(SystemExit):
        parser.parse_args(["demo", f"--history={text}"])
    assert "write it as 72h, 3d or 30m" in capsys.readouterr().err

from pathlib import Path

from engine.types import LedgerSettings, LedgerWitness, Plant
from tests.engine.config.projects import LINE, PLANT, check, said
from tests.engine.ledger.made import PARTNER

KEY = PARTNER.verifier(4).text
START = PLANT.count("\n") + 1


def read(folder: Path, text: str) -> tuple[Plant | None, list[str]]:
    project, problems = check(folder, PLANT + text, LINE)
    return (project.plant if project else None), said(problems)


def test_without_the_section_nobody_outside_is_asked(tmp_path: Path):
    plant, found = read(tmp_path, "")
    assert found == []
    assert plant is not None and plant.ledger == LedgerSettings()


def test_everything_that_is_stated_is_read(tmp_path: Path):
    text = (
        '[ledger]\ndaily_at = "05:30"\nstamp_url = "https://tsa.example/tsr"\nstamp_ca = "/etc/tsa.pem"\n'
        f'[[ledger.witnesses]]\nurl = "http://partner.example:7380"\nkey = "{KEY}"\nat = "shift"\n'
    )
    plant, found = read(tmp_path, text)
    assert found == []
    witness = LedgerWitness("http://partner.example:7380", KEY, "shift")
    assert plant is not None
    assert plant.ledger == LedgerSettings("05:30", "https://tsa.example/tsr", "/etc/tsa.pem", (witness,))


def test_mistakes_are_told_on_their_line(tmp_path: Path):
    for text, line, sentence in (
        ('[ledger]\ndaily_at = "5:30"\n', 1, "is not a time of day"),
        ('[ledger]\nstamp_url = "https://tsa.example/"\n', 1, "stamp_url needs stamp_ca"),
        ('[ledger]\nstamp_ca = "tsa.pem"\n', 1, "is not the full path of a file"),
        ('[ledger]\nstamp_ca = "/t.pem"\nstamp_url = "ftp://tsa"\n', 2, "is no address of a server"),
        ('[ledger]\nstamp_ca = "/t.pem"\nstamp_url = "https://me:pw@tsa"\n', 2, "names and passwords never"),
        (f'[[ledger.witnesses]]\nurl = "http://p"\nkey = "{KEY[:-3]}A=="\n', 2, "was mistyped"),
        ('[[ledger.witnesses]]\nurl = "http://p"\n', 0, "has no key"),
        (
            f'[ledger]\n[[ledger.witnesses]]\nurl = "http://p"\nkey = "{KEY}"\nat = "hour"\n',
            4,
            'at "hour" is',
        ),
        (2 * f'[[ledger.witnesses]]\nurl = "http://p"\nkey = "{KEY}"\n', 3, "have the same key"),
        ("[ledger]\nwitness = 1\n", 1, "witness"),
    ):
        _, found = read(tmp_path, text)
        assert len(found) == 1, (text, found)
        assert f"plant.toml:{START + line}: " in found[0] and sentence in found[0], found

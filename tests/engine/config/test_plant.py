from pathlib import Path

import pytest

from engine.types import HistorySettings, Source
from tests.engine.config.projects import TAGS, check, said

SOURCE = '[[sources]]\nid = "plc1"\ndriver = "opcua"\nendpoint = "opc.tcp://h"\n'
NO_TAGS = "tags.csv:1: warning: tags.csv names no tags, so nothing is read from the sources"


def findings(folder: Path, plant: str) -> list[str]:
    """What is said about a plant.toml beside an empty tag list."""
    _, problems = check(folder, plant, "path,source,address\n")
    return [line for line in said(problems) if line != NO_TAGS]


def test_every_key_of_the_plant_is_taken_over(tmp_path: Path):
    plant = (
        '[plant]\nname = "Mill"\ntimezone = "Europe/Berlin"\nlocale = "de-DE"\nkeep_running = true\n'
        "[history]\nring_mb = 64\ndays = 30\nfast_days = 3.5\nrollup_days = 400\nmax_gb = 8\nfast_gb = 0.5\n"
        "backup_to = '/mnt/backup'\nbackup_at = \"23:59\"\n"
        + SOURCE
        + 'security = "none"\nunsecured_writes = true\n'
    )
    project, _ = check(tmp_path, plant, "path,source,address\n")
    assert project is not None
    assert project.plant.name == "Mill"
    assert project.plant.timezone == "Europe/Berlin"
    assert project.plant.locale == "de-DE"
    assert project.plant.keep_running is True
    assert project.plant.ring_mb == 64
    assert project.plant.history == HistorySettings(30.0, 3.5, 400.0, 8.0, 0.5, "/mnt/backup", "23:59")
    assert project.sources == (Source("plc1", "opcua", "opc.tcp://h", "none", True),)


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        ("[plant]\nname = 7\n", "2: error: name must be text in double quotes, not 7"),
        (
            '[plant]\nkeep_running = "yes"\n',
            '2: error: keep_running must be true or false, not "yes"',
        ),
        ("[plant]\n\nkeep_running = 1\n", "3: error: keep_running must be true or false, not 1"),
        (
            '[plant]\ntimezone = "Europe/Berln"\n',
            '2: error: timezone "Europe/Berln" is not known: use a name such as "UTC" or "Europe/Berlin"; '
            'did you mean "Europe/Berlin"?',
        ),
        (
            '[plant]\ntimezone = "../../etc/passwd"\n',
            '2: error: timezone "../../etc/passwd" is not known: use a name such as "UTC" or "Europe/Berlin"',
        ),
        (
            '[plant]\nlocale = "german please"\n',
            '2: error: locale "german please" is not a language code: use one such as "en" or "de-DE"',
        ),
        ('[history]\nring_mb = "big"\n', '2: error: ring_mb must be a whole number, not "big"'),
        ("[history]\nring_mb = 1.5\n", "2: error: ring_mb must be a whole number, not 1.5"),
        ("[history]\nring_mb = true\n", "2: error: ring_mb must be a whole number, not true"),
        ("[history]\nring_mb = 0\n", "2: error: ring_mb 0 is out of range: use 1 to 16384 (megabytes)"),
        ("[history]\ndays = 2.9\n", "2: error: days 2.9 is out of range: use 3 to 36500 (days)"),
        ("[history]\nfast_days = nan\n", "2: error: fast_days nan is out of range: use 3 to 36500 (days)"),
        ("[history]\nmax_gb = inf\n", "2: error: max_gb inf is out of range: use 1 to 1000000 (gigabytes)"),
        ('[history]\nfast_gb = "1"\n', '2: error: fast_gb must be a number, not "1"'),
        (
            "[history]\ndays = 92\nrollup_days = 30\n",
            "3: warning: rollup_days 30 is less than days 92: long trends will have to read all samples; "
            "roll-ups are small, so keep them longer",
        ),
        (
            "[history]\nmax_gb = 5\nfast_gb = 6\n",
            "3: warning: fast_gb 6 is more than max_gb 5, which holds for all of it together: "
            "raise max_gb or lower fast_gb",
        ),
        (
            '[history]\nbackup_at = "24:00"\n',
            '2: error: backup_at "24:00" is not a time of day: use 00:00 to 23:59, as in "02:30"',
        ),
        (
            "[history]\nbackup_at = 02:30:00\n",
            "2: error: backup_at must be text in double quotes, not 02:30:00",
        ),
        (
            '[history]\nbackup_to = "backups"\n',
            '2: error: backup_to "backups" is not the full path of a folder: write it from the top, as in '
            "'/mnt/backup' or 'D:\\backup'",
        ),
        (
            "[history]\nday = 3\n",
            '2: warning: "day" is not a key of [history] and is ignored; did you mean "days"?',
        ),
        (
            '[plant]\nnmae = "x"\n',
            '2: warning: "nmae" is not a key of [plant] and is ignored; did you mean "name"?',
        ),
        ("[plant]\ncolour = 3\n", '2: warning: "colour" is not a key of [plant] and is ignored'),
        ("[polcy]\n", '1: warning: "polcy" is not known and is ignored; did you mean "policy"?'),
        ("[limits.day]\n", '1: warning: "limits" is not known and is ignored'),
        ("plant = 3\n", "1: error: plant must be one section: write [plant] and its keys below it"),
        ("\n[[plant]]\n", "2: error: plant must be one section: write [plant] and its keys below it"),
        ("history = []\n", "1: error: history must be one section: write [history] and its keys below it"),
        ("plant.name = 3\n", "1: error: name must be text in double quotes, not 3"),
        ("plant = { name = 3 }\n", "1: error: name must be text in double quotes, not 3"),
    ],
)
def test_a_mistake_in_the_plant_is_told_on_its_line(tmp_path: Path, plant: str, sentence: str):
    assert findings(tmp_path, plant + SOURCE) == [f"plant.toml:{sentence}"]


@pytest.mark.parametrize("name", ["Europe", "", "/etc/localtime", "posix", "x" * 900, "a\\u0000b", "UTC\\n"])
def test_nothing_but_a_timezone_passes_as_one(tmp_path: Path, name: str):
    told = findings(tmp_path, f'[plant]\ntimezone = "{name}"\n{SOURCE}')
    assert len(told) == 1
    assert told[0].startswith('plant.toml:2: error: timezone "')


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        ("", "1: error: plant.toml names no source: add [[sources]] with id, driver and endpoint"),
        ("# nothing", "1: error: plant.toml names no source: add [[sources]] with id, driver and endpoint"),
        (
            SOURCE.replace("[[sources]]", "\n[sources]"),
            "2: error: sources need double brackets: write [[sources]], once for each source",
        ),
        (
            'sources = ["plc1"]',
            "1: error: sources need double brackets: write [[sources]], once for each source",
        ),
        (
            SOURCE.replace('id = "plc1"\n', ""),
            '1: error: this source has no id: add id = "…" to it',
        ),
        (
            SOURCE.replace('"opc.tcp://h"', '""'),
            '4: error: this source has no endpoint: add endpoint = "…" to it',
        ),
        (
            SOURCE.replace('"opcua"', '"OPC-UA"'),
            '3: error: driver "OPC-UA" is not known: use "modbus" or "opcua"; did you mean "opcua"?',
        ),
        (SOURCE.replace('"plc1"', "1"), "2: error: id must be text in double quotes, not 1"),
        (
            SOURCE.replace('"plc1"', '"line/plc1"'),
            '2: error: id "line/plc1" cannot be used: use 1 to 64 letters, digits, - or _, as in "plc1"',
        ),
        (SOURCE.replace("opc.tcp", "http"), "4: error: endpoint must begin with opc.tcp://"),
        (
            SOURCE + '# open\nsecurity = "weak"\n',
            "6: error: security weak is not allowed at this endpoint",
        ),
        (
            SOURCE + 'secuirty = "none"\n',
            '5: warning: "secuirty" is not a key of [[sources]] and is ignored; did you mean "security"?',
        ),
        (
            SOURCE + "[sources.options]\n",
            '1: warning: "options" is not a key of [[sources]] and is ignored; did you mean "conditions"?',
        ),
        (
            SOURCE + SOURCE,
            '6: error: source "plc1" is on line 2 already: give each source its own id',
        ),
        (
            SOURCE + SOURCE.replace("plc1", "PLC1"),
            '6: error: source "PLC1" is on line 2 already: give each source its own id',
        ),
        (
            'sources = [\n  { id = "a", driver = "opcua", endpoint = "x" },\n]',
            "1: error: endpoint must begin with opc.tcp://",
        ),
    ],
)
def test_a_mistake_in_a_source_is_told_on_its_line(tmp_path: Path, plant: str, sentence: str):
    assert findings(tmp_path, plant) == [f"plant.toml:{sentence}"]


def test_the_mistake_is_placed_in_the_right_one_of_several_sources(tmp_path: Path):
    third = SOURCE.replace("plc1", "plc3").replace("opc.tcp", "http")
    plant = SOURCE + "\n" + SOURCE.replace("plc1", "plc2") + "\n" + third
    assert findings(tmp_path, plant) == ["plant.toml:14: error: endpoint must begin with opc.tcp://"]


@pytest.mark.parametrize(
    "name", ["..", ".hidden", "a\\\\b", "C:", "a?", "x" * 65, " a", "a ", "a.", "\\t", "a\\nb", "   "]
)
def test_a_source_id_that_cannot_name_a_folder_is_refused(tmp_path: Path, name: str):
    told = findings(tmp_path, SOURCE.replace("plc1", name))
    assert len(told) == 1
    assert told[0].startswith("plant.toml:2: error: id ")
    assert told[0].endswith('cannot be used: use 1 to 64 letters, digits, - or _, as in "plc1"')


@pytest.mark.parametrize("name", ["plc1", "Kühlung 2", "a", "line-3_west", "10.0.0.5", "x" * 64])
def test_an_ordinary_source_id_is_taken(tmp_path: Path, name: str):
    assert findings(tmp_path, SOURCE.replace("plc1", name)) == []


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        (
            "[plant]\nname = Mill\n",
            "2: error: this value is not valid: text needs double quotes, true and false do not",
        ),
        (
            '[plant]\nname = "Mill\nlocale = "en"\n',
            "2: error: a quote opened on this line is not closed: add the closing quote",
        ),
        (
            '[plant]\nname = """Mill\n\n\n',
            "2: error: a quote is opened and never closed: add the closing quote",
        ),
        (
            '[plant]\nname = "a"\nname = "b"\n',
            "3: error: this key is written twice in its section: keep one of the two",
        ),
        (
            "[plant]\n[plant]\n",
            "2: error: this section is written twice: join the two, or use [[sources]] for each one",
        ),
        (
            "[plant]\nname\n",
            '2: error: this line is not "key = value": add the = or start it with # as a comment',
        ),
        (
            '[plant]\nname = "C:\\Mill"\n',
            "2: error: a backslash in double quotes is special: use 'single quotes' instead",
        ),
        (
            "[plant\n",
            "1: error: this section's bracket is not closed: write it as in [plant]",
        ),
        (
            "[[sources]\n",
            "1: error: two brackets open and two close: write it as in [[sources]]",
        ),
        (
            "[plant]\nname = 3 Mills\n",
            "2: error: there is more on this line than one key = value: text needs double quotes",
        ),
        (
            '[plant]\nname = "C:\\Users"\n',
            "2: error: a backslash in double quotes is special: use 'single quotes' instead",
        ),
        (
            "[plant]\nname = 2026-02-30\n",
            "2: error: this is not valid TOML: Invalid date or datetime",
        ),
        (
            "x = [\n" + "[\n" * 5000,
            "1: error: brackets are nested too deeply: no project file needs that many",
        ),
    ],
)
def test_what_is_not_toml_is_told_in_words_on_its_line(tmp_path: Path, plant: str, sentence: str):
    _, problems = check(tmp_path, plant, TAGS)
    assert said(problems) == [f"plant.toml:{sentence}"]


def test_a_very_long_number_is_quoted_as_such(tmp_path: Path):
    assert findings(tmp_path, f"[plant]\nname = 1{'0' * 900}\n{SOURCE}") == [
        "plant.toml:2: error: name must be text in double quotes, not a very long number"
    ]


@pytest.mark.parametrize("line", ["a" + ".a" * 30_000 + " = 1", "name = 1" + "0" * 9000, "[x" + " " * 9000])
def test_a_line_that_would_keep_the_parser_busy_is_refused_unparsed(tmp_path: Path, line: str):
    _, problems = check(tmp_path, f"[plant]\n{line}\n{SOURCE}")
    assert said(problems)[0] == ("plant.toml:2: error: this line is longer than 1000 characters: break it up")


def test_an_absent_plant_section_means_the_same_as_an_empty_one(tmp_path: Path):
    absent, _ = check(tmp_path, SOURCE, "path,source,address\n")
    empty, _ = check(tmp_path, "[plant]\n" + SOURCE, "path,source,address\n")
    assert absent is not None
    assert absent == empty


def test_timeout_and_block_sizes_of_a_source_are_taken_over(tmp_path: Path):
    project, problems = check(
        tmp_path, SOURCE + "timeout_s = 5\nblock = 32\ngap = 0\n", "path,source,address\nA,plc1,i=1\n"
    )
    assert problems == []
    assert project is not None
    assert project.sources == (Source("plc1", "opcua", "opc.tcp://h", timeout_s=5.0, block=32, gap=0),)


def test_alarms_of_a_server_can_be_left_out_and_ranked_otherwise(tmp_path: Path):
    tags = "path,source,address\nA,plc1,i=1\n"
    project, problems = check(tmp_path, SOURCE + "conditions = false\nseverities = [167, 334, 667]\n", tags)
    assert problems == []
    assert project is not None
    (source,) = project.sources
    assert (source.conditions, source.severities) == (False, (167, 334, 667))


@pytest.mark.parametrize(
    "severities", ["[1, 2]", "[3, 2, 1]", "[0, 5, 9]", "[1, 2, 1001]", '"high"', "[1, 2, 2.5]"]
)
def test_severities_that_do_not_rise_are_told_on_their_line(tmp_path: Path, severities: str):
    (sentence,) = findings(tmp_path, SOURCE + f"severities = {severities}\n")
    assert sentence.startswith("plant.toml:5: error: severities ")
    assert sentence.endswith("the least severity of priorities 3, 2 and 1")


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("timeout_s = 0.04", "timeout_s 0.04 is out of range: use 0.05 to 60 (seconds)"),
        ("timeout_s = 60.1", "timeout_s 60.1 is out of range: use 0.05 to 60 (seconds)"),
        ("timeout_s = 0", "timeout_s 0.0 is out of range: use 0.05 to 60 (seconds)"),
        ("timeout_s = nan", "timeout_s nan is out of range: use 0.05 to 60 (seconds)"),
        ('timeout_s = "1 s"', 'timeout_s must be a number, not "1 s"'),
        ("timeout_s = true", "timeout_s must be a number, not true"),
        ("block = 0", "block 0 is out of range: use 1 to 65536 (registers)"),
        ("block = 65537", "block 65537 is out of range: use 1 to 65536 (registers)"),
        ("block = 12.5", "block must be a whole number, not 12.5"),
        ("gap = -1", "gap -1 is out of range: use 0 to 65536 (registers)"),
        ('gap = "8"', 'gap must be a whole number, not "8"'),
        ("gap = false", "gap must be a whole number, not false"),
    ],
)
def test_a_wrong_limit_of_a_source_is_told_on_its_line(tmp_path: Path, key: str, sentence: str):
    assert findings(tmp_path, SOURCE + key + "\n") == [f"plant.toml:5: error: {sentence}"]


def test_user_of_a_source_is_read_and_a_password_beside_it_is_refused_without_being_told(
    tmp_path: Path,
) -> None:
    assert findings(tmp_path, SOURCE + 'user = "hmi"\n') == []
    (told,) = findings(tmp_path, SOURCE + 'user = "hmi"\npassword = "not-for-eyes"\n')
    assert "error: password must not stand in a project" in told and "not-for-eyes" not in told
    (told,) = findings(tmp_path, SOURCE + 'user = " hmi"\n')
    assert 'error: user " hmi" cannot be used' in told

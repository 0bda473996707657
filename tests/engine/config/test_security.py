from pathlib import Path

import pytest

from engine.types import ControlSettings, LdapSettings, Plant, SecuritySettings
from engine.types.people import IDLE_MIN
from tests.engine.config.projects import LINE, PLANT, check, said

LDAP = """
[security.ldap]
url = "ldaps://directory.example"
person = "uid={name},ou=people,dc=example"
groups = "ou=groups,dc=example"
timeout_s = 2
roles = { "HMI operators" = ["operator", "shift lead at Line 3/S50 Press"] }
"""
START = PLANT.count("\n") + 1
"""The last line of the plant's own text, so that what follows begins at the next one."""


def read(folder: Path, text: str) -> tuple[Plant | None, list[str]]:
    """The plant with this below the sources, and what is said."""
    project, problems = check(folder, PLANT + text, LINE)
    return (project.plant if project else None), said(problems)


def test_without_the_sections_the_defaults_hold(tmp_path: Path):
    plant, found = read(tmp_path, "")
    assert found == []
    assert plant is not None
    assert (plant.security, plant.control) == (SecuritySettings(), ControlSettings())


def test_everything_that_is_stated_is_read(tmp_path: Path):
    text = (
        "[security]\nsession_h = 8\nbreak_glass_min = 15\nidle_min = { operator = 60, engineer = 0 }\n"
        + LDAP
        + '\n[control]\nreasons = ["quality", "test"]\nreason_for = ["normal", "critical"]\n'
        'checklist = ["All is well"]\n'
    )
    plant, found = read(tmp_path, text)
    assert found == []
    assert plant is not None
    assert plant.security == SecuritySettings(
        session_h=8.0,
        idle_min={**IDLE_MIN, "operator": 60.0, "engineer": 0.0},
        break_glass_min=15.0,
        ldap=LdapSettings(
            url="ldaps://directory.example",
            person="uid={name},ou=people,dc=example",
            groups="ou=groups,dc=example",
            timeout_s=2.0,
            roles={"HMI operators": ("operator", "shift lead at Line 3/S50 Press")},
        ),
    )
    assert plant.control == ControlSettings(("quality", "test"), ("normal", "critical"), ("All is well",))


def test_directory_alone_makes_the_section(tmp_path: Path):
    plant, found = read(tmp_path, LDAP)
    assert found == []
    assert plant is not None and plant.security.ldap is not None
    assert plant.security.session_h == SecuritySettings().session_h


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("session_h = 0.1", 2, "session_h 0.1 is out of range: use 0.25 to 24 (hours)"),
        ('session_h = "long"', 2, 'session_h must be a number, not "long"'),
        ("break_glass_min = 241", 2, "break_glass_min 241 is out of range: use 1 to 240 (minutes)"),
        (
            "idle_min = { operatr = 5 }",
            2,
            'idle_min: "operatr" is no role: use "viewer", "operator", "shift lead", "maintenance", '
            '"engineer", '
            '"administrator" or "auditor"; did you mean "operator"?',
        ),
        (
            "idle_min = { operator = -1 }",
            2,
            'idle_min -1 of "operator" is out of range: use 0 (never) to 1440 (minutes)',
        ),
        (
            "[security.idle_min]\noperator = 1441",
            2,
            'idle_min 1441 of "operator" is out of range: use 0 (never) to 1440 (minutes)',
        ),
        (
            'password = "x"',
            2,
            "password: no secret may stand in plant.toml, which everybody reads; take it out and change it",
        ),
        ("ldap = 5", 2, "ldap must be one section: write [security.ldap] and its keys below it"),
    ],
)
def test_mistake_in_security_is_told_on_its_line(tmp_path: Path, text: str, line: int, sentence: str):
    _, found = read(tmp_path, f"[security]\n{text}\n")
    assert found == [f"plant.toml:{START + line - 1}: error: {sentence}"]


@pytest.mark.parametrize(
    ("old", "new", "key", "sentence"),
    [
        (
            '"ldaps://directory.example"',
            '"http://directory.example"',
            "url",
            'url "http://directory.example" is no directory server: use "ldaps://host" or "ldap://host" with '
            "start_tls = true",
        ),
        (
            '"ldaps://directory.example"',
            '"ldap://directory.example"\nstart_tls = false',
            "url",
            'url "ldap://directory.example" without start_tls would send passwords in the clear: use '
            '"ldaps://host" or "ldap://host" with start_tls = true',
        ),
        (
            '"ldaps://directory.example"',
            '"ldaps://admin:secret@directory.example"',
            "url",
            'url holds more than a host and a port: use "ldaps://host" or "ldap://host" with '
            "start_tls = true; "
            "names and passwords never stand here",
        ),
        (
            '"ldaps://directory.example"',
            '"ldaps://directory.example:99999"',
            "url",
            'url "ldaps://directory.example:99999" cannot be read: use "ldaps://host" or "ldap://host" with '
            "start_tls = true",
        ),
        (
            "uid={name}",
            "uid=name",
            "person",
            'person "uid=name,ou=people,dc=example" cannot be used: write the distinguished name '
            "with {name} once, "
            'as in "uid={name},ou=people,dc=example,dc=com"',
        ),
        (
            '"ou=groups,dc=example"',
            '""',
            "groups",
            "groups is empty, so no group of roles would be found: write where groups are sought, as in "
            '"ou=groups,dc=example,dc=com"',
        ),
        (
            "timeout_s = 2",
            "timeout_s = 0",
            "timeout_s",
            "timeout_s 0 is out of range: use 0.2 to 30 (seconds)",
        ),
        (
            "timeout_s = 2",
            "offline_days = 31",
            "offline_days",
            "offline_days 31 is out of range: use 0 to 30 (days)",
        ),
        (
            "timeout_s = 2",
            'ca_file = "ca.pem"',
            "ca_file",
            'ca_file "ca.pem" is not the full path of a file: write it from the top',
        ),
        (
            '"operator",',
            '"operatr",',
            "roles",
            'roles: "operatr" of "HMI operators" is no role: use "viewer", "operator", "shift lead", '
            '"maintenance", "engineer", "administrator" or "auditor"; did you mean "operator"?',
        ),
        (
            '"operator",',
            '"operator at ",',
            "roles",
            'roles: "operator at " of "HMI operators" names no area: write "role at area"',
        ),
        (
            '["operator", "shift lead at Line 3/S50 Press"]',
            '"operator"',
            "roles",
            'roles must be names and lists of texts, as in { "HMI operators" = ["operator"] }, not a table',
        ),
    ],
)
def test_mistake_about_the_directory_is_told_on_its_line(
    tmp_path: Path, old: str, new: str, key: str, sentence: str
):
    text = LDAP.replace(old, new)
    plant, found = read(tmp_path, text)
    lines = (PLANT + text).splitlines()
    line = 1 + next(k for k, each in enumerate(lines) if each.startswith(f"{key} ="))
    assert found == [f"plant.toml:{line}: error: {sentence}"]
    assert plant is None


def test_open_directory_is_for_this_machine_alone(tmp_path: Path):
    for host in ("localhost", "127.0.0.1:10389", "[::1]"):
        text = LDAP.replace('"ldaps://directory.example"', f'"ldap://{host}"\nstart_tls = false')
        plant, found = read(tmp_path, text)
        assert found == [], host
        assert plant is not None and plant.security.ldap is not None


def test_directory_without_its_keys_is_an_error(tmp_path: Path):
    _, found = read(tmp_path, "[security.ldap]\n")
    assert [each.partition("error: ")[2] for each in found] == [
        "[security.ldap] has no url: add url = … to it",
        "[security.ldap] has no person: add person = … to it",
    ]


def test_area_that_is_no_asset_and_key_that_is_not_known_are_warnings(tmp_path: Path):
    text = LDAP.replace("S50 Press", "S50 Pres").replace("timeout_s", "timeout")
    plant, found = read(tmp_path, text)
    assert plant is not None
    assert [each.partition("warning: ")[2] for each in found] == [
        '"timeout" is not a key of [security.ldap] and is ignored; did you mean "timeout_s"?',
        'roles: "Line 3/S50 Pres" of "HMI operators" is no asset: there is no "S50 Pres" in "Line '
        '3"; did you '
        'mean "S50 Press"?',
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("reasons = []", "reasons is empty, but reason_for asks for one: write at least one"),
        ('reasons = ["a", "a"]', "reasons says something twice: write each once"),
        ('reasons = [" "]', "reasons holds an empty text: take it out"),
        (f'reasons = ["{"x" * 61}"]', f'reasons: "{"x" * 59}…" has 61 characters: use at most 60'),
        (
            "checklist = []",
            "checklist is empty: write what must hold before anything may be written to the plant",
        ),
        ('reason_for = ["all"]', 'reason_for must be a list of "normal" and "critical", not a list'),
        ("reasons = 5", 'reasons must be a list of texts, as in ["A", "B"], not 5'),
    ],
)
def test_mistake_in_control_is_told_on_its_line(tmp_path: Path, text: str, sentence: str):
    _, found = read(tmp_path, f"[control]\n{text}\n")
    assert found == [f"plant.toml:{START + 1}: error: {sentence}"]


@pytest.mark.parametrize("name", ["security", "control"])
def test_list_of_sections_is_told(tmp_path: Path, name: str):
    _, found = read(tmp_path, f"[[{name}]]\n")
    assert found == [
        f"plant.toml:{START}: error: {name} must be one section: write [{name}] and its keys below it"
    ]


def test_secret_is_never_quoted(tmp_path: Path):
    _, found = read(tmp_path, LDAP + 'bind_password = "hunter2"\n')
    assert len(found) == 1 and "hunter2" not in found[0]
    _, found = read(tmp_path, LDAP.replace("ldaps://", "ldaps://x:hunter2@"))
    assert len(found) == 1 and "hunter2" not in found[0]

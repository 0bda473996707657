"""People as text: name,full_name,role,area, a row for each role."""

from __future__ import annotations

from engine.config.findings import Findings
from engine.config.table import Row, read_table
from engine.security.people import People, edit_problems, key_of
from engine.security.rights import ROLES, area_problem
from engine.types.people import Role, RoleAt
from engine.wire.people import PersonEdit

COLUMNS = ("name", "full_name", "role", "area")
FILE = "people"
MOST_ROWS = 10_000


def read_people(text: str, people: People) -> tuple[tuple[PersonEdit, ...], list[str]]:
    """Edits that the text asks for, and what is wrong with it, by line; with a mistake nothing counts.

    The rows of a name give all its roles; who is not named stays as they are. Of somebody known,
    ``full_name`` may be left empty.
    """
    findings = Findings(FILE)
    rows = read_table(text.removeprefix("\ufeff"), COLUMNS, ("name",), findings) or []
    if len(rows) > MOST_ROWS:
        findings.error(rows[MOST_ROWS].line, f"more than {MOST_ROWS} rows: import them in parts")
        rows = []
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        if name := row.cells.get("name", ""):
            by_name.setdefault(key_of(name), []).append(row)
        else:
            findings.error(row.line, "name is empty: write what this person logs in with")
    edits = tuple(_edit(same, people, findings) for same in by_name.values())
    errors = [each for each in findings.problems if each.severity == "error"]
    return edits, [f"line {each.line}: {each.message}" for each in sorted(errors, key=lambda e: e.line)]


def _edit(rows: list[Row], people: People, findings: Findings) -> PersonEdit:
    first = rows[0]
    name, full_name = first.cells["name"], ""
    present = people.get(key_of(name))
    roles: list[RoleAt] = []
    for row in rows:
        full_name = _full_name(row, full_name, findings)
        if (role := _role(row, findings)) and role in roles:
            findings.error(row.line, f"{name} has this role at this place on an earlier line: delete one")
        elif role:
            roles.append(role)
    if present:
        full_name = full_name or present.person.full_name
    if not full_name:
        findings.error(first.line, f"{name} is new and has no full_name: write it")
        full_name = name
    edit = PersonEdit(
        present.person.name if present else name,
        full_name,
        tuple(roles),
        is_disabled=bool(present and present.person.is_disabled),
    )
    if not any(problem.severity == "error" for problem in findings.problems):
        for problem in edit_problems(edit, present):
            findings.error(first.line, problem)
    return edit


def _full_name(row: Row, before: str, findings: Findings) -> str:
    own = row.cells.get("full_name", "")
    if own and before and own != before:
        findings.error(row.line, f'full_name "{own}" was "{before}" on an earlier line of the same name')
    return before or own


def _role(row: Row, findings: Findings) -> RoleAt | None:
    cell, area = row.cells.get("role", ""), row.cells.get("area", "")
    if problem := area_problem(area):
        findings.error(row.line, problem)
    known: dict[str, Role] = {role: role for role in ROLES}
    if not cell:
        if area:
            findings.error(row.line, f"role is empty but there is an area: use {', '.join(ROLES)}")
        return None
    if cell.lower() not in known:
        findings.error(row.line, f'"{cell}" is no role: use {", ".join(ROLES)}')
        return None
    return RoleAt(known[cell.lower()], area)

"""Ways to tamper with the files of a bundle, and which of them deceive nobody."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

Members = dict[str, bytes]


def edit_member(dice: random.Random, members: Members) -> str:
    name = dice.choice([name for name in members if name != "README.txt"])
    content = bytearray(members[name])
    way, at = dice.randrange(4), dice.randrange(len(content))
    if way == 0:
        del content[at]
    elif way == 1:
        content.insert(at, dice.randrange(256))
    else:
        content[at] ^= 1 << dice.randrange(8)
    members[name] = bytes(content)
    return f"byte {at} of {name}"


def edit_lines(dice: random.Random, members: Members) -> str:
    """Lines of entries deleted, doubled, exchanged, or cut off from one on."""
    lines = members["entries.jsonl"].splitlines(keepends=True)
    way, at = dice.randrange(4), dice.randrange(len(lines))
    if way == 0:
        del lines[at]
    elif way == 1:
        lines.insert(dice.randrange(len(lines)), lines[at])
    elif way == 2:
        other = (at + dice.randrange(1, len(lines))) % len(lines)
        lines[at], lines[other] = lines[other], lines[at]
    else:
        del lines[at:]
    members["entries.jsonl"] = b"".join(lines)
    return f"lines, way {way} at {at}"


def edit_members(dice: random.Random, members: Members) -> str:
    """A checkpoint or a file taken away, or one too many."""
    names = [name for name in members if name not in ("README.txt", "disclosures.jsonl")]
    if dice.randrange(2):
        name = dice.choice(names)
        del members[name]
        return f"{name} deleted"
    name = dice.choice(
        ["more.txt", "checkpoints/00000000000000000015.checkpoint2", f"checkpoints/{16:020d}.checkpoint"]
    )
    members[name] = members[names[-1]]
    return f"{name} added"


def edit_proof(dice: random.Random, members: Members) -> str:
    """Another hash in a proof, or a proof of something else, in proper form."""
    proofs = json.loads(members["proofs.json"])
    item = dice.choice([each for some in proofs.values() for each in some if each["path"]])
    field = dice.choice(list(item))
    if field == "path":
        path = item["path"]
        at = dice.randrange(len(path))
        if dice.randrange(2):
            path[at] = dice.choice([other for other in ["A" * 43 + "=", *path] if other != path[at]])
        else:
            del path[at]
    else:
        item[field] += dice.choice([-1, 1])
    members["proofs.json"] = json.dumps(proofs, sort_keys=True, separators=(",", ":")).encode()
    return f"{field} of a proof"


def edit_disclosure(dice: random.Random, members: Members) -> str:
    """A field revealed for another entry than its own, or with another value."""
    lines = [json.loads(line) for line in members["disclosures.jsonl"].splitlines()]
    item = dice.choice(lines)
    if dice.randrange(2):
        item["seq"] += dice.choice([-1, 1, 5])
    else:
        at = dice.randrange(len(item["disclosure"]))
        item["disclosure"] = item["disclosure"][:at] + "_" + item["disclosure"][at + 1 :]
    members["disclosures.jsonl"] = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    return "a disclosure"


WAYS: list[Callable[[random.Random, Members], str]] = [
    edit_member, edit_member, edit_member, edit_lines, edit_members, edit_proof, edit_disclosure,
]  # fmt: skip


def harmless(before: Members, after: Members) -> bool:
    """Nothing that anybody could be deceived with: fewer checkpoints, of which the newest proves all."""
    gone = set(before) - set(after)
    needed = {f"checkpoints/{9:020d}.checkpoint", f"checkpoints/{15:020d}.checkpoint"}
    return (
        all(after.get(name) == content for name, content in before.items() if name not in gone)
        and set(after) <= set(before)
        and all(name.startswith("checkpoints/") and name not in needed for name in gone)
    )

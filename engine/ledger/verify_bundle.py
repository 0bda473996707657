#!/usr/bin/env python3
"""Check a bundle of a Watchroom ledger: one file, nothing to install but Python 3.11.

    python verify_bundle.py BUNDLE.zip --trust keys.json [--json]

Signatures are checked with the package `cryptography`; where it is not installed, hashes and proofs are
checked and the signatures said to be unchecked. The trust file, got from the ledger's people and not with
the bundle, says whose signatures count; all but ``keys`` may be left out:

    {"origin": "plant.example/line-4",
     "keys": [{"vkey": "plant.example/line-4+1a2b3c4d+AQ...", "from": 0, "revoked_at": null}],
     "cosigners": ["partner.example/audit+..."], "cosignatures": 1, "seen": ["text of a checkpoint", ...]}

Ends with 0: all fits. 1: something does not fit; each finding is a sentence. 2: wrong use, or a file that
cannot be read. 3: what could be checked fits, but no signature of a trusted key was.

Written after RFC 9162 section 2.1 (hashes, proofs), C2SP signed-note, tlog-checkpoint and tlog-cosignature,
and RFC 9901 section 4.2 (disclosures), without a line in common with what makes the bundles.
"""

# size: one file that a stranger can run by itself
from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "watchroom-ledger-bundle/1"
LARGEST = 4 << 30
FILES = {"manifest.json", "entries.jsonl", "disclosures.jsonl", "proofs.json", "README.txt"}
CHECKPOINT = re.compile(r"checkpoints/([0-9]{20})\.checkpoint")
STAMP = re.compile(r"stamps/([0-9]{20})\.(checkpoint|tsq|tsr)")
FIT, UNFIT, USAGE, PARTLY = 0, 1, 2, 3
Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, signature, message) -> whether it is right."""


class Unfit(Exception):
    """Something does not fit; the text is a sentence."""


@dataclass
class Result:
    """What was found. ``findings`` is empty where all fits."""

    findings: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    origin: str = ""
    kind: str = ""
    size: int = 0
    entries: int = 0
    root: str = ""
    signatures_checked: bool = False
    trusted: bool = False
    cosigned_size: int = 0
    revealed: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    stamps: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def code(self) -> int:
        """How the program ends."""
        return UNFIT if self.findings else FIT if self.signatures_checked and self.trusted else PARTLY


@dataclass(frozen=True)
class Key:
    """A key, and from which size to which it signs."""

    name: str
    ident: bytes
    kind: int
    public: bytes
    since: int = 0
    until: int | None = None


@dataclass(frozen=True)
class Head:
    """A checkpoint with its signatures as (name, key id, signature)."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]


def verify(bundle: Path, trust: dict[str, Any] | None, ed25519: Verify | None) -> Result:
    """Check a bundle; ``trust`` is the content of a trust file.

    Raises:
        OSError: the file cannot be read.
    """
    result = Result()
    try:
        _verify(_members(bundle), trust or {}, ed25519, result)
    except Unfit as error:
        result.findings.append(str(error))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        result.findings.append(f"the bundle, or the trust file, is not in the form it must have: {error!r}")
    return result


def _verify(members: dict[str, bytes], trust: dict[str, Any], ed25519: Verify | None, result: Result) -> None:
    manifest, proofs = _plain(members, "manifest.json"), _plain(members, "proofs.json")
    if manifest["format"] != FORMAT or set(manifest) != {"format", "kind", "origin", "root", "size"}:
        raise Unfit("this bundle is of a format that this program does not know")
    if manifest["kind"] not in ("full", "shared"):
        raise Unfit(f"a bundle is full or shared, not {manifest['kind']!r}")
    result.kind, result.origin, result.size = manifest["kind"], manifest["origin"], manifest["size"]
    result.root = manifest["root"]
    if trust.get("origin", result.origin) != result.origin:
        raise Unfit(f"this is the ledger {result.origin!r}, not {trust['origin']!r}")
    heads = _heads(members, result.origin)
    newest = heads[-1]
    if (newest.size, _b64(newest.root)) != (result.size, result.root):
        raise Unfit("the manifest does not fit the newest checkpoint of the bundle")
    lines = _lines(members["entries.jsonl"])
    entries = _numbered(lines)
    result.entries = len(entries)
    seen = [_head(text) for text in trust.get("seen", [])]
    rooted = _full if result.kind == "full" else _shared
    rooted(result, lines, entries, heads, seen, proofs)
    _disclosed(members.get("disclosures.jsonl", b""), entries, result)
    keys = _keys(result, entries, trust, ed25519)
    _signed(result, [*heads, *seen], keys, ed25519)
    _cosigned(result, heads, trust, ed25519)
    _stamped(result, members, heads)


def _members(bundle: Path) -> dict[str, bytes]:
    """All files of the archive; nothing is unpacked to disk."""
    try:
        with zipfile.ZipFile(bundle) as archive:
            found = archive.infolist()
            names = [each.filename for each in found]
            known = (CHECKPOINT, STAMP)
            unknown = [
                each for each in names if each not in FILES and not any(one.fullmatch(each) for one in known)
            ]
            if unknown or len(set(names)) != len(names) or sum(each.file_size for each in found) > LARGEST:
                raise Unfit(f"the bundle holds what does not belong there, or too much: {unknown[:3]}")
            missing = {"manifest.json", "entries.jsonl", "proofs.json"} - set(names)
            if missing:
                raise Unfit(f"the bundle lacks {', '.join(sorted(missing))}")
            return {name: archive.read(name) for name in names}
    except OSError:
        raise
    except Exception as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(f"the file is no whole zip archive: {error}") from error


def _plain(members: dict[str, bytes], name: str) -> Any:
    """A JSON file of the bundle, only in its one form: sorted keys, no spaces."""
    value = _strict(members[name])
    if json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != members[name]:
        raise Unfit(f"{name} is not in its one proper form")
    return value


def _strict(text: bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise Unfit(f"a name stands twice in {text[:80]!r}")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=once)


def _lines(content: bytes) -> list[bytes]:
    if content and not content.endswith(b"\n"):
        raise Unfit("the last line of the bundle is cut")
    return content.split(b"\n")[:-1]


def _numbered(lines: list[bytes]) -> dict[int, Any]:
    """What the lines say, by the number of the entry."""
    found: dict[int, Any] = {}
    last = -1
    for line in lines:
        entry = _strict(line)
        seq = entry["seq"]
        if type(seq) is not int or seq <= last:
            raise Unfit(f"entry {seq!r} stands twice in the bundle, or out of order")
        found[seq], last = entry, seq
    return found


# ------------------------------------------------------------------- hashes: RFC 9162 section 2.1


def _hash(prefix: bytes, *parts: bytes) -> bytes:
    return hashlib.sha256(prefix + b"".join(parts)).digest()


def _roots(leaves: Sequence[bytes], sizes: set[int]) -> dict[int, bytes]:
    """Root hash at each of these sizes, in one pass."""
    stack: list[tuple[int, bytes]] = []
    roots = {0: hashlib.sha256(b"").digest()}
    for count, leaf in enumerate(leaves, 1):
        stack.append((1, leaf))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (width, right), (_, left) = stack.pop(), stack.pop()
            stack.append((2 * width, _hash(b"\1", left, right)))
        if count in sizes:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = _hash(b"\1", left, root)
            roots[count] = root
    return roots


def root_by_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that the path leads to, section 2.1.3.2, by recursion from the top."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        below = root_by_inclusion(leaf, index, split, path[:-1])
        return below and _hash(b"\1", below, path[-1])
    below = root_by_inclusion(leaf, index - split, size - split, path[:-1])
    return below and _hash(b"\1", path[-1], below)


def roots_by_consistency(
    old: int, new: int, path: list[bytes], root: bytes, top: bool = True
) -> tuple[bytes, bytes]:
    """Older and newer root that the path leads to, section 2.1.4, by recursion from the top."""
    if old == new:
        if top:
            if path:
                raise Unfit("a consistency proof is longer than it must be")
            return root, root
        if len(path) != 1:
            raise Unfit("a consistency proof has the wrong length")
        return path[0], path[0]
    if not path:
        raise Unfit("a consistency proof is too short")
    split = 1 << (new - 1).bit_length() - 1
    if old <= split:
        before, after = roots_by_consistency(old, split, path[:-1], root, top)
        return before, _hash(b"\1", after, path[-1])
    before, after = roots_by_consistency(old - split, new - split, path[:-1], root, False)
    return _hash(b"\1", path[-1], before), _hash(b"\1", path[-1], after)


def _full(
    result: Result,
    lines: list[bytes],
    entries: dict[int, Any],
    heads: list[Head],
    seen: list[Head],
    proofs: Any,
) -> None:
    if list(entries) != list(range(result.size)):
        raise Unfit(f"the checkpoint is of {result.size} entries, but the bundle has {len(entries)}, or gaps")
    later = [each for each in seen if each.size > result.size]
    rotations = {seq: entry for seq, entry in entries.items() if entry["type"] == "key_rotation"}
    sizes = {each.size for each in [*heads, *seen]} | set(rotations)
    roots = _roots([_hash(b"\0", line) for line in lines], sizes)
    result.findings += [
        f"the change of key in entry {seq} was signed for another past"
        for seq, entry in rotations.items()
        if entry["body"]["root"] != _b64(roots[seq])
    ]
    for each in heads:
        if roots[each.size] != each.root:
            result.findings.append(f"the first {each.size} entries are not those that were signed: changed")
    for each in seen:
        if each not in later and roots[each.size] != each.root:
            result.findings.append(
                f"FORK: you saw another past of {each.size} entries than this; keep both checkpoints as proof"
            )
    _too_short(result, later)
    _goes_on(result, proofs, roots)


def _goes_on(result: Result, proofs: Any, roots: dict[int, bytes]) -> None:
    for proof in proofs["consistency"]:
        before, after, path = proof["from"], proof["to"], [_bytes(step) for step in proof["path"]]
        if roots_by_consistency(before, after, path, roots[before]) != (roots[before], roots[after]):
            result.findings.append(f"the proof from {before} to {after} entries is wrong")
    if proofs["inclusion"] or set(proofs) != {"inclusion", "consistency"}:
        result.findings.append("a full bundle needs no proofs of single entries, but there are some")


def _shared(
    result: Result,
    lines: list[bytes],
    entries: dict[int, Any],
    heads: list[Head],
    seen: list[Head],
    proofs: Any,
) -> None:
    newest = heads[-1]
    paths = {each["seq"]: [_bytes(step) for step in each["path"]] for each in proofs["inclusion"]}
    if list(paths) != list(entries) or len(proofs["inclusion"]) != len(paths):
        raise Unfit("there is not one proof for every entry of the bundle")
    for line, seq in zip(lines, entries, strict=True):
        if (
            not 0 <= seq < newest.size
            or root_by_inclusion(_hash(b"\0", line), seq, newest.size, paths[seq]) != newest.root
        ):
            result.findings.append(
                f"entry {seq} is not proven to be in the ledger: it or its proof was changed"
            )
    known = {
        (each["from"], each["to"]): [_bytes(step) for step in each["path"]] for each in proofs["consistency"]
    }
    wanted = {each.size for each in heads[:-1]}
    if set(known) - {(size, newest.size) for size in wanted} or len(known) != len(proofs["consistency"]):
        result.findings.append("the bundle holds proofs between checkpoints that it does not hold")
    _too_short(result, [each for each in seen if each.size > newest.size])
    for each in [*heads[:-1], *(each for each in seen if each.size <= newest.size)]:
        if each.size == newest.size:
            if each.root != newest.root:
                result.findings.append(
                    f"FORK: you saw another past of {each.size} entries; keep both as proof"
                )
            continue
        if (each.size, newest.size) not in known:
            result.findings.append(
                f"nothing proves that the ledger goes on from the {each.size} entries known"
            )
        elif roots_by_consistency(each.size, newest.size, known[each.size, newest.size], each.root) != (
            each.root,
            newest.root,
        ):
            result.findings.append(
                f"the ledger does not go on from the {each.size} entries that were signed: fork"
            )


def _too_short(result: Result, later: list[Head]) -> None:
    for each in later:
        result.findings.append(
            f"you saw {each.size} entries before, here are only {result.size}: cut off, or an old bundle"
        )


def _disclosed(content: bytes, entries: dict[int, Any], result: Result) -> None:
    """Fields revealed, RFC 9901 section 4.2.3; each must belong to a digest in its entry."""
    taken: set[tuple[int, str]] = set()
    for line in _lines(content):
        item = _strict(line)
        seq, disclosure = item["seq"], item["disclosure"]
        code = base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).rstrip(b"=").decode()
        entry = entries.get(seq, {})
        if (
            set(item) != {"seq", "disclosure"}
            or entry.get("_sd_alg") != "sha-256"
            or code not in entry["_sd"]
        ):
            result.findings.append(f"a field revealed for entry {seq} does not belong to it")
            continue
        _, name, value = json.loads(base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4)))
        if (seq, name) in taken:
            result.findings.append(f"the field {name!r} of entry {seq} is revealed twice")
        taken.add((seq, name))
        result.revealed.append({"seq": seq, "name": name, "value": value})


# ------------------------------------------------- notes and keys: C2SP signed-note, tlog-checkpoint


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    content = base64.b64decode(text, validate=True)
    if _b64(content) != text:
        raise Unfit(f"{text[:60]!r} is not the proper base64 of what it means")
    return content


def _head(text: str) -> Head:
    body, blank, below = text.rpartition("\n\n")
    lines = body.split("\n")
    controls = any(ord(letter) < 32 and letter != "\n" for letter in text)
    if (
        not blank
        or controls
        or not below.endswith("\n")
        or len(lines) < 3
        or not re.fullmatch("0|[1-9][0-9]*", lines[1])
    ):
        raise Unfit("a checkpoint of the bundle is no signed note")
    signatures: list[tuple[str, bytes, bytes]] = []
    for line in below[:-1].split("\n"):
        found = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        content = _bytes(found[2]) if found else b""
        if not found or len(content) < 5:
            raise Unfit("a signature of a checkpoint is not in the form of a signed note")
        signatures.append((found[1], content[:4], content[4:]))
    return Head(f"{body}\n", lines[0], int(lines[1]), _bytes(lines[2]), tuple(signatures))


def _heads(members: dict[str, bytes], origin: str) -> list[Head]:
    found: list[Head] = []
    for name in sorted(members):
        if at := CHECKPOINT.fullmatch(name):
            head = _head(members[name].decode())
            if head.size != int(at[1]) or head.origin != origin or head.size < 1:
                raise Unfit(f"{name} is not the checkpoint that its name says")
            found.append(head)
    if not found:
        raise Unfit("the bundle holds no checkpoint, so nothing of it is signed")
    return found


def _key(text: str, since: int = 0, until: int | None = None) -> Key:
    name, ident, coded = text.split("+", 2)
    content = _bytes(coded)
    key = Key(name, bytes.fromhex(ident), content[0], content[1:], since, until)
    if hashlib.sha256(f"{name}\n".encode() + content).digest()[:4] != key.ident or len(key.public) != 32:
        raise Unfit(f"the key {text[:60]!r} was mistyped or changed")
    return key


def _keys(
    result: Result, entries: dict[int, Any], trust: dict[str, Any], ed25519: Verify | None
) -> list[Key]:
    """The keys of the log: those trusted, and those that a trusted one handed over to by a rotation."""
    trusted = [
        _key(each["vkey"], each.get("from", 0), each.get("revoked_at")) for each in trust.get("keys", [])
    ]
    result.trusted = bool(trusted)
    begun = entries.get(0)
    if begun is not None:
        if begun["type"] != "ledger_begin" or begun["body"]["origin"] != result.origin:
            raise Unfit("the first entry is not the one that a ledger begins with")
        own = _key(begun["body"]["key"])
        trusted = trusted or [own]
    if not trusted:
        result.notes.append("The bundle does not say which key signs it, and no trust file was given.")
    for seq, entry in entries.items():
        if entry["type"] == "key_rotation":
            _rotate(result, trusted, seq, entry["body"], ed25519)
    return trusted


def _rotate(result: Result, keys: list[Key], seq: int, body: Any, ed25519: Verify | None) -> None:
    old, new = _key(body["old"]), _key(body["new"], seq + 1)
    names = ("origin", "revoked_at", "root", "old", "new", "reason")
    said = "".join(
        f"{line}\n" for line in ("watchroom/key-rotation/v1", *(body[name] for name in names))
    ).encode()
    sound = body["origin"] == result.origin and body["revoked_at"] == seq and new.kind == 1
    for key, signature in ((old, body["old_signature"]), (new, body["new_signature"])):
        sound = sound and (ed25519 is None or ed25519(key.public, _bytes(signature), said))
    if not sound:
        result.findings.append(f"the change of key in entry {seq} is not signed by both keys")
        return
    for place, key in enumerate(keys):
        if (
            (key.public, key.name) == (old.public, old.name)
            and key.since <= seq
            and (key.until or seq) >= seq
        ):
            keys[place] = Key(key.name, key.ident, key.kind, key.public, key.since, seq)
            keys.append(new)
            return
    result.notes.append(f"Entry {seq} hands over from a key that is not trusted here; it was not followed.")


def _signed(result: Result, heads: list[Head], keys: list[Key], ed25519: Verify | None) -> None:
    if ed25519 is None:
        result.notes.append(
            "SIGNATURES WERE NOT CHECKED: the package cryptography is not installed; "
            "python -m pip install cryptography."
        )
        return
    for head in heads:
        right = False
        for name, ident, signature in head.signatures:
            for key in keys:
                if (name, ident) == (key.name, key.ident) and key.kind == 1:
                    if not ed25519(key.public, signature, head.text.encode()):
                        result.findings.append(f"the signature of {name} at {head.size} entries is forged")
                    elif key.since <= head.size and (key.until is None or head.size <= key.until):
                        right = True
        if not right:
            result.findings.append(
                f"the checkpoint of {head.size} entries is not signed by a key that may sign at that size"
            )
    result.signatures_checked = True


def _cosigned(result: Result, heads: list[Head], trust: dict[str, Any], ed25519: Verify | None) -> None:
    """Cosignatures of others, C2SP tlog-cosignature v1."""
    cosigners = [_key(text) for text in trust.get("cosigners", [])]
    asked = trust.get("cosignatures")
    wanted = (1 if cosigners else 0) if asked is None else int(asked)
    if ed25519 is None:
        return
    for head in heads:
        by: set[bytes] = set()
        for name, ident, signature in head.signatures:
            for key in cosigners:
                if (name, ident) == (key.name, key.ident) and key.kind == 4:
                    said = (
                        f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{head.text}".encode()
                    )
                    if len(signature) != 72 or not ed25519(key.public, signature[8:], said):
                        result.findings.append(f"the cosignature of {name} at {head.size} entries is forged")
                    else:
                        by.add(key.public)
        if by and len(by) >= wanted:
            result.cosigned_size = head.size
    if wanted and not result.cosigned_size:
        result.findings.append(f"no checkpoint carries {wanted} cosignatures of those you trust")


def _stamped(result: Result, members: dict[str, bytes], heads: list[Head]) -> None:
    """Time stamps, RFC 3161: each is of a checkpoint of the bundle. Who signed them is for openssl to say."""
    by_size = {each.size: each for each in heads}
    sizes = sorted({at[1] for name in members if (at := STAMP.fullmatch(name))})
    for size in sizes:
        parts = [members.get(f"stamps/{size}.{end}") for end in ("checkpoint", "tsq", "tsr")]
        head = by_size.get(int(size))
        if head is None or not all(parts):
            result.findings.append(f"the time stamp of {int(size)} entries lacks its checkpoint or a part")
            continue
        note, _, token = (part or b"" for part in parts)
        signed = _head(note.decode())
        if signed.text != head.text or not set(signed.signatures) <= set(head.signatures):
            result.findings.append(f"the checkpoint of {int(size)} entries that was stamped is another one")
        elif hashlib.sha256(note).digest() not in token:
            result.findings.append(f"the time stamp of {int(size)} entries is of something else")
        else:
            said = re.search(rb"\x18.(\d{8})(\d{6})(?:\.\d+)?Z", token, re.DOTALL)  # the first is genTime
            says = f"{said[1].decode()} {said[2].decode()} UTC" if said else "no time"
            result.stamps.append({"size": int(size), "file": f"stamps/{size}", "says": says})


def stamp_words(stamps: list[dict[str, Any]]) -> list[str]:
    """What to type to have time stamps checked: their signatures are beyond this program."""
    if not stamps:
        return []
    said = [f"A time stamp over {each['size']} entries says {each['says']}." for each in stamps]
    said.append("WHO SIGNED THE TIME STAMPS WAS NOT CHECKED. With the certificates of the authority:")
    said.append("  python -m zipfile -e BUNDLE .")
    command = "openssl ts -verify -data {0}.checkpoint -in {0}.tsr -CAfile AUTHORITY.pem"
    return said + [f"  {command.format(each['file'])}" for each in stamps]


def installed_ed25519() -> Verify | None:
    """Checks signatures with `cryptography`, None where that is not installed."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None

    def check(public: bytes, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return check


def sentences(result: Result) -> list[str]:
    """The result for a person."""
    if result.findings:
        return [*result.findings, "DOES NOT FIT: do not rely on this bundle.", *result.notes]
    kind = "all" if result.kind == "full" else f"{result.entries} of"
    said = [f"{kind} {result.size} entries of {result.origin!r}: hashes and proofs fit the signed root."]
    if result.signatures_checked:
        whose = "keys you trust" if result.trusted else "a key that only the bundle itself names"
        said.append(f"The checkpoints are signed by {whose}.")
    if result.cosigned_size:
        said.append(f"Others whom you trust cosigned it up to {result.cosigned_size} entries.")
    said += [f"Entry {each['seq']}: {each['name']} = {each['value']!r}" for each in result.revealed]
    if not result.trusted:
        result.notes.append("Without --trust, anybody could have made this bundle, with a key of their own.")
    return said + stamp_words(result.stamps) + result.notes


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; returns how it ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--trust", type=Path, help="JSON file with the keys that count")
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")
    asked = parser.parse_args(words)
    try:
        trust = json.loads(asked.trust.read_bytes()) if asked.trust else None
        result = verify(asked.bundle, trust, installed_ed25519())
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return USAGE
    if asked.json:
        print(json.dumps({"code": result.code, **asdict(result)}, ensure_ascii=False))
    else:
        print("\n".join(sentences(result)))
    return result.code


if __name__ == "__main__":
    sys.exit(main())

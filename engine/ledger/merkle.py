"""Merkle trees as in RFC 9162 section 2.1 (the hashing of RFC 6962): roots, proofs, and their checks.

Pure. A tree is seen through a `Node` callable: the hash over the complete subtree of 2^level leaves that
begins at leaf position * 2^level. Sizes are counts of leaves, an index counts from 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

Node = Callable[[int, int], bytes]
"""(level, position) -> hash; level 0 is the leaf hashes."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry), RFC 9162 section 2.1.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), RFC 9162 section 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(size: int, peaks: list[bytes], leaf: bytes) -> list[tuple[int, int, bytes]]:
    """Add a leaf to a tree of ``size`` leaves; changes ``peaks`` in place.

    Peaks are the hashes of the complete subtrees that make up the tree, largest first. Returns the
    subtrees of more than one leaf that the leaf completes, as (level, position, hash).
    """
    completed: list[tuple[int, int, bytes]] = []
    current, level = leaf, 0
    while size >> level & 1:
        current, level = node_hash(peaks.pop(), current), level + 1
        completed.append((level, size >> level, current))
    peaks.append(current)
    return completed


def peaks_of(size: int, node: Node) -> list[bytes]:
    """The complete subtrees that make up a tree of ``size`` leaves, largest first."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [node(level, (size >> level) - 1) for level in levels]


def root_of(peaks: Sequence[bytes]) -> bytes:
    """Root hash over the peaks of a tree, RFC 9162 section 2.1.1; of no peaks that of the empty tree."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for left in reversed(peaks[:-1]):
        root = node_hash(left, root)
    return root


def root_of_leaves(leaves: Iterable[bytes]) -> bytes:
    """Root hash over leaf hashes in their order."""
    peaks: list[bytes] = []
    for size, leaf in enumerate(leaves):
        grow(size, peaks, leaf)
    return root_of(peaks)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Path from leaf ``index`` to the root of the first ``size`` leaves, RFC 9162 section 2.1.3.1.

    Raises:
        ValueError: there is no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} entries has no entry {index}")
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        split = start + _left_width(end - start)
        if index < split:
            path.append(_range_root(split, end, node))
            end = split
        else:
            path.append(_range_root(start, split, node))
            start = split
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Proof that the first ``old`` of ``new`` leaves are those of the older tree, RFC 9162 section 2.1.4.1.

    It has no hashes where nothing needs a proof: the same size, or an empty older tree.

    Raises:
        ValueError: the older tree is larger.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} entries cannot follow one of {old}")
    if old in (0, new):
        return []
    start, end, path = 0, new, list[bytes]()
    while end != old:
        split = start + _left_width(end - start)
        if old <= split:
            path.append(_range_root(split, end, node))
            end = split
        else:
            path.append(_range_root(start, split, node))
            start = split
    if start:
        path.append(_range_root(start, end, node))
    return path[::-1]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from the leaf to the root, RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(step, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, step)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the newer tree only adds to the older, RFC 9162 section 2.1.4.2."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, step)
        position, last = position >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _left_width(width: int) -> int:
    """The largest power of two smaller than ``width``: how many leaves are below the left child."""
    return 1 << (width - 1).bit_length() - 1


def _range_root(start: int, end: int, node: Node) -> bytes:
    """Root of the leaves from ``start`` to before ``end``, a range as the recursion of the RFC makes it."""
    peaks, width = list[bytes](), end - start
    for level in reversed(range(width.bit_length())):
        if width >> level & 1:
            peaks.append(node(level, start >> level))
            start += 1 << level
    return root_of(peaks)

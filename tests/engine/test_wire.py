"""Frames and messages: what goes in comes out, and nonsense is refused."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import wire
from engine.live import plan
from engine.typed import unpack
from engine.types import Certificate, SourceDetail, SourceEvent, SourceNote, SourceStatus, Tag, TagTrouble
from engine.wire import Event, Frames, Hello, Reply, Request, TrustBody, WireError

bodies = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.lists(st.tuples(st.integers(0, 2**31), st.text(max_size=10), bodies), max_size=8), st.integers(1, 40)
)
def test_messages_come_out_whole_however_the_stream_is_cut(
    sent: list[tuple[int, str, object]], piece: int
) -> None:
    stream = b"".join(wire.frame(Request(number, op, wire.encode(body))) for number, op, body in sent)
    frames = Frames()
    got = [m for at in range(0, len(stream), piece) for m in frames.feed(stream[at : at + piece])]
    assert [(m.id, m.op, msgspec.msgpack.decode(m.body)) for m in got if isinstance(m, Request)] == sent


@given(st.binary(max_size=300))
def test_nonsense_is_refused_and_nothing_else_raised(noise: bytes) -> None:
    try:
        list(Frames().feed(noise))
    except WireError:
        pass


def test_hello_carries_the_layout_of_the_live_file() -> None:
    hello = Hello(1, "0.1", 5, "engine", 42, "/run/live.bin", plan(3, boot=5, ring_bytes=1 << 16))
    assert list(Frames().feed(wire.frame(hello))) == [hello]


def test_event_keeps_its_body() -> None:
    event = Event(7, "source_state", 123, {"source": "press", "state": "connected"})
    assert list(Frames().feed(wire.frame(event))) == [event]


def test_frame_longer_than_allowed_is_refused_by_its_head() -> None:
    with pytest.raises(WireError, match="longer"):
        list(Frames().feed(wire.LENGTH.pack(wire.LONGEST_FRAME + 1)))


def test_frame_longer_than_allowed_is_never_sent() -> None:
    with pytest.raises(WireError, match="longer"):
        wire.frame(Event(1, "x", 0, {"blob": bytes(wire.LONGEST_FRAME + 1)}))


def test_long_answer_comes_in_chunks_and_is_put_together_again() -> None:
    body = {"blob": bytes(range(256)) * (3 * wire.LONGEST_FRAME // 256)}
    chunks = list(wire.replies(9, body))
    assert len(chunks) == 4
    assert [chunk.more for chunk in chunks] == [True, True, True, False]
    arrived = [m for chunk in chunks for m in Frames().feed(wire.frame(chunk))]
    assert msgspec.msgpack.decode(wire.join([m for m in arrived if isinstance(m, Reply)])) == body


def test_proof_holds_only_for_its_token_and_nonce() -> None:
    token, nonce = bytes(32), bytes(range(32))
    digest = wire.sign(token, nonce)
    assert wire.signed(token, nonce, digest)
    assert not wire.signed(bytes(31) + b"\1", nonce, digest)
    assert not wire.signed(token, bytes(32), digest)


def test_page_of_a_source_comes_back_as_it_was_sent() -> None:
    status = SourceStatus(
        *("plc", "opcua", "opc.tcp://h", "refused", "", 1, 0, 0.0, 0, 2, "no", None),
        what="it says no",
        do="ask it",
        clock_offset_s=-7.5,
        notes=1,
    )
    detail = SourceDetail(
        status,
        (SourceNote("clock", "it is behind", "set it", 5),),
        (("keep-alive", "1 s"),),
        (SourceEvent(5, "refused", "no"),),
        (TagTrouble("A/B", "i=1", 0x80890000, "no such node"),),
        1,
        (Certificate("rejected", "ab" * 32, "CN=x", "urn:x", 1, 2, "/x.der"),),
    )
    assert unpack(wire.encode(detail), SourceDetail) == detail
    body = TrustBody("plc", "ab" * 32)
    assert unpack(wire.encode(body), TrustBody) == body


def test_words_of_an_enumeration_keep_their_numbers() -> None:
    tag = Tag(1, "A", "plc", "i=1", states={0: "off", 7: "fault"})
    assert unpack(wire.encode(tag), Tag) == tag

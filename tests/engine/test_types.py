import msgspec
import pytest

from engine.typed import convert
from engine.types import REASONS, SEVERITY_MASK, Problem, Source, Status, quality_word, reason


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (0x00000000, "good"),
        (0x00960000, "good"),
        (0x3FFFFFFF, "good"),
        (0x40000000, "uncertain"),
        (0x408F0000, "uncertain"),
        (0x7FFFFFFF, "uncertain"),
        (0x80000000, "bad"),
        (0x80320000, "bad"),
        (0xC0000000, "bad"),
        (0xFFFFFFFF, "bad"),
    ],
)
def test_quality_word_is_the_severity_of_the_status_code(status: int, word: str):
    assert quality_word(status) == word


def test_the_reserved_severity_counts_as_bad_because_it_is_not_known_to_be_usable():
    assert quality_word(SEVERITY_MASK) == "bad"


def test_plainly_good_needs_no_reason_whatever_its_info_bits():
    assert reason(Status.GOOD) == ""
    assert reason(0x00000480) == ""


def test_reason_ignores_the_info_bits():
    assert reason(Status.SENSOR_FAILURE | 0x0300) == "sensor failure"


def test_a_code_we_have_no_words_for_is_named_by_severity_and_number():
    assert reason(0x80990000) == "bad, code 0x80990000"
    assert reason(0x00960000) == "good, code 0x00960000"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.GOOD])
def test_every_code_the_engine_sets_itself_has_words(status: Status):
    assert reason(status) == REASONS[status]


def test_the_codes_fixed_by_the_design_keep_their_numbers():
    assert (Status.STALE, Status.WAITING_FOR_INITIAL_DATA, Status.CONFIGURATION_ERROR) == (
        0x408F0000,
        0x80320000,
        0x80890000,
    )


def test_a_problem_reads_like_a_compiler_message():
    problem = Problem("tags.csv", 7, "error", "address is empty: write the tag's address in its source")
    assert str(problem) == "tags.csv:7: error: address is empty: write the tag's address in its source"


def test_a_source_with_an_unknown_key_is_not_silently_accepted():
    with pytest.raises(msgspec.ValidationError, match="unknown field `enpoint`"):
        convert({"id": "a", "driver": "opcua", "endpoint": "x", "enpoint": "y"}, Source)

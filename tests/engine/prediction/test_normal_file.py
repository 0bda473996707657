import msgspec
import numpy as np
import pytest

from engine.prediction.normal import Settings, begin, learn, score
from engine.prediction.normal_file import packed, unpacked

ROWS = np.random.default_rng(3).normal(size=(300, 3)) + [10, 20, 30]
NORMAL = learn(ROWS, ("a", "b", "c"), Settings(follow=0.01, wander_rows=40))


def test_a_normal_read_again_scores_to_the_same_bits():
    again = unpacked(packed(NORMAL))
    assert again.settings == NORMAL.settings
    assert again.left_out == NORMAL.left_out
    before, _ = score(NORMAL, begin(NORMAL), ROWS[:80])
    after, _ = score(again, begin(again), ROWS[:80])
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 9}, "version 9"),
        ({"centre": [1.0]}, "not of its 3 tags"),
        ({"spread": [[1.0, 5.0, 0.0], [5.0, 1.0, 0.0], [0.0, 0.0, 1.0]]}, "never learned"),
        ({"limit": -1.0}, "never learned"),
        ({"columns": [0, 1, -7]}, "never learned"),
        ({"settings": {"smooth": 0.1}}, "other settings"),
        ({"surprise": 1}, "no learned normal"),
    ],
)
def test_a_damaged_normal_is_refused_with_a_sentence(change, words):
    kept = msgspec.json.decode(packed(NORMAL)) | change
    with pytest.raises(ValueError, match=words):
        unpacked(msgspec.json.encode(kept))


def test_what_is_no_json_is_refused():
    with pytest.raises(ValueError, match="no learned normal"):
        unpacked(b"\x80\x04pickled")

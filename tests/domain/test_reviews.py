"""A clinician's word of a higher grade is never lost in silence."""

import pytest

from toxicity.domain.reviews import is_lost


@pytest.mark.parametrize(
    ("stands", "said", "lost"),
    [
        (0, 3, True),
        (2, 3, True),
        (None, 1, True),
        (3, 3, False),
        (3, 2, False),
        (0, 0, False),
        (None, 0, False),
        (0, None, False),
        (None, None, False),
    ],
)
def test_only_a_higher_word_is_lost(stands: int | None, said: int | None, lost: bool) -> None:
    assert is_lost(stands, said) is lost

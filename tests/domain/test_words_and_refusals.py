"""Plain terms of all layers: what is refused is said, what is bilingual finds its language."""

import pytest

from terms.refusals import Refusal, Refused
from terms.words import Bilingual


def test_refused_without_a_reason_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Refused([])


def test_refused_says_every_reason_with_its_values() -> None:
    refused = Refused(
        [Refusal("late", "Later than %(day)s.", params={"day": 3}), Refusal("sad", "No.")]
    )
    assert str(refused) == "Later than 3.; No."


@pytest.mark.parametrize(
    ("code", "text"), [("it", "Prelievo"), ("it-ch", "Prelievo"), ("en-gb", "Draw"), ("fr", "Draw")]
)
def test_bilingual_text_is_told_in_its_language_else_in_english(code: str, text: str) -> None:
    words = Bilingual(en="Draw", it="Prelievo")
    assert words.in_language(code) == text
    assert str(words) == "Draw"

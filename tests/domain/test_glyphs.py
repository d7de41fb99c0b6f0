"""What a page of paper can show, and what becomes of the rest."""

import json
import sys
import unicodedata

import pytest
import typst

from exports.writers.glyphs import shown, typeset


@pytest.mark.parametrize(
    ("text", "expected", "coded"),
    [
        ("Rossi, Maria", "Rossi, Maria", False),
        ("Nguyễn Łukasz Ωμέγα Иван ≥38.0 10⁹/L", "Nguyễn Łukasz Ωμέγα Иван ≥38.0 10⁹/L", False),
        ("well 😀", "well [U+1F600]", True),
        ("漢 א ع", "[U+6F22] [U+05D0] [U+0639]", True),
        ("one\r\ntwo\tthree", "one two three", False),
        ("bell\x07 \u202eturned", "bell[U+0007] [U+202E]turned", True),
        ("e\u0301", "é", False),
        ("", "", False),
        ("#let x = 1 $y$ *b* _i_ @c <d> `e` \\", "#let x = 1 $y$ *b* _i_ @c <d> `e` \\", False),
    ],
)
def test_a_text_is_set_in_type(text: str, expected: str, coded: bool) -> None:
    made, found = typeset(text)
    assert (made.replace("\u200b", ""), found) == (expected, coded)


def test_a_long_word_may_break_and_a_short_one_may_not() -> None:
    assert typeset("x" * 14)[0] == "x" * 14
    assert typeset("x" * 15)[0] == "xxxxxxx\u200bxxxxxxx\u200bx"


def test_the_fonts_show_every_character_that_is_said_to_be_shown() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1) if shown(chr(code))]
    assert len(every) > 1200
    source = b'#set document(title: "x")\n#set text(lang: "en", font: "Libertinus Serif")\n' + (
        b"#json(bytes(sys.inputs.data))"
    )
    data = json.dumps(" ".join(every))  # raises where one is lacking
    made = typst.compile(
        source, format="pdf", pdf_standards="ua-1", sys_inputs={"data": data},
        ignore_system_fonts=True,
    )  # fmt: skip
    assert made.startswith(b"%PDF")
    assert not any(unicodedata.bidirectional(one) in {"R", "AL"} for one in every)

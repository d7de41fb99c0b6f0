"""Typed words that name a patient or tell when: worked examples."""

import re
import sys
from datetime import date

import pytest

from exports.domain.typed_words import folded, telling_words, tells

TELLING = telling_words(["D'Angelo", "Maria Lù"], ["H00012", "77"], date(1961, 10, 4))


@pytest.mark.parametrize(
    "text",
    [
        "B-ALL of ANGELO", "d'angelo", "sister of maria", "Maria Lù's brother", "H00012", "h00012,",
        "born 04/10/1961", "1961-10-04",
    ],
)  # fmt: skip
def test_names_numbers_and_the_birth_date_tell_who_it_is(text: str) -> None:
    assert tells(["", text], TELLING, dates=False)


@pytest.mark.parametrize("text", ["B-ALL", "Mariana", "Angelova", "AH00012", "Lù", "77", ""])
def test_parts_of_other_words_tell_nothing(text: str) -> None:
    assert not tells([text], TELLING, dates=True)


@pytest.mark.parametrize(
    "text",
    [
        "FLAG 14/03/2021", "FLAG 14.3.21", "TBI 2021-03-14", "from 03/2021", "2021-03",
        "marzo 2021", "May 2021", "Mar. 14, 2021", "sett '21", "RSSMRA61R54H501Z", "no. 1234567",
    ],
)  # fmt: skip
def test_days_months_and_long_numbers_tell_when_or_who(text: str) -> None:
    assert tells([text], (), dates=True)
    assert not tells([text], (), dates=False)


@pytest.mark.parametrize(
    "text",
    [
        "GIMEMA LAL2317", "GRAALL 2014", "UKALL 2011", "vincristine days 1-8-15", "2 x 10*6/kg",
        "asparaginase 100000 IU", "FLAG-IDA ×2", "dose 1.5/2.0", "marrow 2021",
    ],
)  # fmt: skip
def test_protocols_days_of_a_cycle_and_doses_tell_nothing(text: str) -> None:
    assert not tells([text], TELLING, dates=True)


def test_who_has_no_words_is_told_by_dates_only() -> None:
    assert telling_words(["", "de"], [], None) == ()
    assert not tells(["Rossi"], (), dates=True)


def test_letters_that_a_pattern_takes_for_alike_are_folded_alike() -> None:
    letters = "".join(
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if {letter} != {letter.lower(), letter.upper(), letter.title(), letter.casefold()}
    )
    assert len(letters) > 2500
    for letter in letters:
        alike = re.findall(re.escape(letter), letters, re.IGNORECASE)
        assert {folded(one) for one in alike} == {folded(letter)}


@pytest.mark.parametrize("name", ["İlkay", "ılkay", "Weiß", "Müller", "Σίσυφος", "O'Neill"])
def test_a_name_is_found_however_it_is_written(name: str) -> None:
    for written in (name, name.lower(), name.upper(), name.title()):
        found = re.search(re.escape(name), written, re.IGNORECASE) is not None
        assert tells([f"graft of {written}"], telling_words([name], [], None), dates=False) is found

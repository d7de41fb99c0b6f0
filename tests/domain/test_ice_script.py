"""The questions of ICE: ten answers, in both languages, counted by item."""

from toxicity.domain.icans import ICE_MOST, IceItems
from toxicity.domain.ice_script import LANGUAGES, QUESTIONS, Asked

RIGHT = {question.code: "1" for question in QUESTIONS}


def test_every_question_is_one_point_and_is_said_in_both_languages() -> None:
    assert len(QUESTIONS) == len(RIGHT) == ICE_MOST
    assert set(LANGUAGES) == {"it", "en"}
    for question in QUESTIONS:
        said = {question.say.in_language(code) for code in LANGUAGES}
        assert len(said) == len(LANGUAGES)
    assert IceItems(**Asked.of(RIGHT).items).bounds() == (ICE_MOST, ICE_MOST)


def test_a_walk_stands_where_the_first_answer_is_missing() -> None:
    begun = Asked.of({"year": "1", "month": "0", "hospital": "1"})
    assert begun.next is QUESTIONS[2]
    assert begun.items == {"year": 1, "month": 0}
    assert [one.code for one in begun.lost] == ["month"]
    assert begun.back().next is QUESTIONS[1]
    assert begun.back().back().back().answers == {}
    assert Asked.of({"year": "yes"}).answers == {}


def test_what_was_lost_is_known_object_by_object() -> None:
    done = Asked.of(RIGHT | {"object_2": "0", "attention": "0"})
    assert done.next is None
    assert (done.items["naming"], done.items["attention"]) == (2, 0)
    assert [one.code for one in done.lost] == ["object_2", "attention"]

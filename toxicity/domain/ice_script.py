"""The words in which ICE is asked, in the patient's language, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from terms.words import N_, Bilingual

LANGUAGES: Mapping[str, str] = MappingProxyType({"it": "Italiano", "en": "English"})


@dataclass(frozen=True)
class Question:
    """One answer that is right or wrong. `item` is that of the score; a part of it adds one."""

    code: str
    item: str
    label: str  # for whoever asks; a msgid
    say: Bilingual
    note: str = ""  # what counts; a msgid


QUESTIONS: tuple[Question, ...] = (
    Question("year", "year", N_("Year"),
             Bilingual("What year is it?", "In che anno siamo?")),
    Question("month", "month", N_("Month"),
             Bilingual("What month is it?", "In che mese siamo?")),
    Question("city", "city", N_("City"),
             Bilingual("What city are we in?", "In che città siamo?")),
    Question("hospital", "hospital", N_("This hospital"),
             Bilingual("Which hospital is this?", "In che ospedale siamo?")),
    Question("object_1", "naming", N_("Object 1"),
             Bilingual("What is this called?", "Come si chiama questo?"),
             N_("Point to a clock.")),
    Question("object_2", "naming", N_("Object 2"),
             Bilingual("And this?", "E questo?"), N_("Point to a pen.")),
    Question("object_3", "naming", N_("Object 3"),
             Bilingual("And this?", "E questo?"), N_("Point to a button.")),
    Question("command", "command", N_("Command"),
             Bilingual("Show me two fingers.", "Mi mostri due dita."),
             N_("Do not show it yourself.")),
    Question("sentence", "sentence", N_("Sentence"),
             Bilingual("Please write this sentence: the sun is shining today.",
                       "Scriva questa frase: oggi c'è il sole."),
             N_("Compare with what the patient wrote before the infusion.")),
    Question("attention", "attention", N_("Counting back"),
             Bilingual("Count backwards from 100 by ten: 100, 90 …",
                       "Conti all'indietro da 100 di dieci in dieci: 100, 90 …"),
             N_("Right when it reaches 10 without a mistake.")),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """How far a walk through the questions came: right (True) or wrong, by their code."""

    answers: Mapping[str, bool]

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Asked":
        """From texts `1` and `0` by code, up to the first question without an answer."""
        answers: dict[str, bool] = {}
        for question in QUESTIONS:
            answer = said.get(question.code)
            if answer not in ("0", "1"):
                break
            answers[question.code] = answer == "1"
        return cls(answers)

    @property
    def next(self) -> Question | None:
        """The question that comes now; None when all were asked."""
        return QUESTIONS[len(self.answers)] if len(self.answers) < len(QUESTIONS) else None

    @property
    def items(self) -> dict[str, int]:
        """The items of the score."""
        found: dict[str, int] = {}
        for question in QUESTIONS[: len(self.answers)]:
            found[question.item] = found.get(question.item, 0) + self.answers[question.code]
        return found

    @property
    def whole_items(self) -> dict[str, int]:
        """The items of the score of which every question was asked."""
        rest = {one.item for one in QUESTIONS[len(self.answers) :]}
        return {item: score for item, score in self.items.items() if item not in rest}

    @property
    def lost(self) -> tuple[Question, ...]:
        """The questions that were answered wrongly."""
        asked = QUESTIONS[: len(self.answers)]
        return tuple(one for one in asked if not self.answers[one.code])

    def back(self) -> "Asked":
        """Without the last answer."""
        return Asked(dict(list(self.answers.items())[:-1]))

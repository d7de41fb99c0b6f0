"""Visible words in plain-Python layers: marked for the catalogues, or carried in both languages."""

from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802 - the name that message extraction knows
    """Mark `text` for the catalogues and return it unchanged."""
    return text


@dataclass(frozen=True)
class Bilingual:
    """A text in both languages of the site, such as a protocol holds."""

    en: str
    it: str

    def __str__(self) -> str:
        return self.en

    def in_language(self, code: str) -> str:
        """The text for a language code such as `it` or `en-gb`; English for any other."""
        return self.it if code.split("-")[0] == "it" else self.en

"""The columns of each file for a registry, read from fields.toml beside this module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from django.utils.translation import get_language

from terms.words import Bilingual

MISSING = "missing"


@dataclass(frozen=True)
class Field:
    """One column: what it holds, by which rule, and on which form the registry asks for it."""

    key: str
    form: str
    type: str
    rule: str
    source: str
    unit: str = ""
    values: str = ""


@dataclass(frozen=True)
class RegistryFile:
    """One file: its name in addresses, what it is, its columns in their order."""

    name: str
    title: str
    title_it: str
    fields: tuple[Field, ...]

    @property
    def shown_title(self) -> str:
        """What it is, in the reader's language."""
        return Bilingual(self.title, self.title_it).in_language(get_language() or "en")

    @property
    def header(self) -> tuple[str, ...]:
        """The course first, what is missing last."""
        return ("course", *(field.key for field in self.fields), MISSING)

    @property
    def by_period(self) -> bool:
        """Whether a course has a row for each reporting period."""
        return any(field.key == "period" for field in self.fields)

    @property
    def says_consent(self) -> bool:
        """Whether a column says how the consent to the use of the data stands."""
        return any(field.key == "consent_research" for field in self.fields)


@cache
def registry_files() -> Mapping[str, RegistryFile]:
    """Every file by its name."""
    text = Path(__file__).with_name("fields.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            name: RegistryFile(
                name,
                said["title"],
                said["title_it"],
                tuple(Field(**row) for row in said["fields"]),
            )
            for name, said in tomllib.loads(text).items()
        }
    )

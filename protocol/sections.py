"""Which app reads which section of a protocol; filled once in config/wiring.py."""

from collections.abc import Mapping
from types import MappingProxyType

from protocol.domain.loading import SectionParser

_parsers: dict[str, SectionParser] = {}


def register(name: str, parser: SectionParser) -> None:
    """Let `parser` read the section `name`. Raises `ValueError` if another one already does."""
    if _parsers.setdefault(name, parser) is not parser:
        raise ValueError(f"section {name} already has its reader")


def registered() -> Mapping[str, SectionParser]:
    """Every registered section with its reader."""
    return MappingProxyType(_parsers)

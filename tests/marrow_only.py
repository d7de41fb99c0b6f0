"""The shipped protocol with one item of its schedule, for tests of what any item goes through."""

import re

from tests.conftest import PROTOCOL_FILE

_BLOCK = re.compile(r"\n\[\[?schedule\.(?!MARROW\b)[^\n]*\n(?:[^\[\n][^\n]*\n)*")


def marrow_only() -> bytes:
    """The file without the other items: counting rows says something then."""
    return _BLOCK.sub("\n", PROTOCOL_FILE.read_text(encoding="utf-8")).encode()

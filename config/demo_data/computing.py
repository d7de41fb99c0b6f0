"""The demo's centre has decided that grades are computed: the shipped protocols leave that open."""

import re

_OPEN = re.compile(
    r'^(\w+) = \{ value = "(?:record_only|off)", source = "Safe default: the centre decides", '
    r"confirmed = false \}$",
    re.MULTILINE,
)


def computing(content: bytes) -> bytes:
    """The protocol file in `content` with every scale computed.

    Raises ValueError where the file decides already, or says nothing of it.
    """
    decided = (
        r'\1 = { value = "computed", source = "Demo: decided by its centre", confirmed = false }'
    )
    text, count = _OPEN.subn(decided, content.decode())
    if not count:
        raise ValueError("nothing is left open in this protocol")
    return text.encode()

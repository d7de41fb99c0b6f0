"""The one exception of the embedded servers."""


class EmbeddedError(Exception):
    """The embedded servers cannot start; the message says why and what to do."""

"""What every reader of typed text raises when the text cannot be read."""

from collections.abc import Mapping

from terms.refusals import Refusal


class Unreadable(ValueError):
    """Typed text that yields no value.

    `message` is an English msgid with %(name)s places filled from `params` after translation,
    the same shape as a `Refusal`; `str()` gives the English sentence.
    """

    def __init__(self, code: str, message: str, params: Mapping[str, object] | None = None) -> None:
        self.code = code
        self.message = message
        self.params: Mapping[str, object] = params or {}
        super().__init__(message % self.params if self.params else message)

    def refusal(self, field: str = "") -> Refusal:
        """The same reason as a refusal of the input called `field`."""
        return Refusal(code=self.code, message=self.message, params=self.params, field=field)

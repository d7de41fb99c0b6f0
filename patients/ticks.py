"""A tick that is about one value, and stands for no other."""

from collections.abc import Mapping
from typing import Any

from django import forms


def as_typed(*parts: object) -> str:
    """What a tick is about: the parts as they were typed, however they were spaced."""
    return " ".join(" ".join(str(part) for part in parts if part is not None).split())


class AboutTick(forms.CheckboxInput):
    """Sends what it is `about`: a tick that was given for another value counts as none.

    True and False, as the API and services say it, are about the values they come with.
    """

    about = ""

    def format_value(self, value: object) -> str | None:
        """What the tick sends."""
        return self.about or None

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether it was ticked for what the form says now."""
        said = data.get(name)
        if isinstance(said, bool):
            return said
        return bool(self.about) and said is not None and as_typed(said) == self.about


def about(form: forms.BaseForm, tick: str, *names: str) -> None:
    """Let a tick of a form be about what some of its fields say."""
    widget = form.fields[tick].widget
    assert isinstance(widget, AboutTick), "declared so"
    # Not form[name]: a form keeps those, with the help text of now.
    fields = (forms.BoundField(form, form.fields[name], name) for name in names)
    widget.about = as_typed(*(field.value() for field in fields))

"""How every form field is drawn: one template, one bound field that knows unit and kind."""

from django.forms import BoundField, CheckboxInput
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext


class PercorsoBoundField(BoundField):
    """A field as `templates/django/forms/field.html` needs to see it."""

    @property
    def unit(self) -> str:
        """The fixed unit written after the input: the widget's `data-unit`, empty without one."""
        return str(self.field.widget.attrs.get("data-unit", ""))

    @property
    def aria_describedby(self) -> str | None:
        """Help and errors as Django names them, and the unit, so that it is read out too."""
        described = super().aria_describedby
        if not self.unit or not self.auto_id or described is None:
            return described
        return f"{self.auto_id}_unit {described}".strip()

    @property
    def blank_note(self) -> str:
        """What stands beside the label of what may be left blank, in words of field or form.

        Nothing where one of the field's own answers says it.
        """
        if self.field.required or getattr(self.field, "answers_blank", False):
            return ""
        of_form = getattr(self.form, "blank_note", gettext("(optional)"))
        return str(getattr(self.field, "blank_note", of_form))

    @property
    def is_tick(self) -> bool:
        """Whether this is a single tick box, whose label stands after it."""
        return isinstance(self.field.widget, CheckboxInput)


class PercorsoFormRenderer(TemplatesSetting):
    """Draws forms with the project's own templates, found like every other template."""

    bound_field_class = PercorsoBoundField

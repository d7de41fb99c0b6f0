"""Which recorded drug hides the fever of the CRS that is open, beside the question about it."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _

from accounts.wording import param_in_words
from patients.models import Course
from toxicity.bedside.last_values import add_help
from toxicity.models import Treatment
from toxicity.models.given import HIDING
from toxicity.resuming import crs_open_after


def show_hiding(form: forms.Form, course: Course, now: datetime) -> None:
    """Say that a recorded drug answers the question already; the form is filled with nothing."""
    began = crs_open_after(course)
    if began is None:
        return
    rows = Treatment.objects.filter(HIDING, course=course, given_at__range=(began, now))
    latest = rows.standing().order_by("given_at", "pk").last()
    if latest is not None:
        drug = latest.other_drug or latest.get_drug_display()
        said = {"drug": drug, "at": param_in_words(latest.given_at)}
        add_help(form, "fever_masked", _("Recorded: yes, by %(drug)s on %(at)s.") % said)

"""When something was seen, as a form of the bedside reads it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy

from patients.fields import MomentField
from toxicity.bedside.setting import Setting
from toxicity.models import Assessment

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class SeenAtField(MomentField):
    """Of an hour that comes twice the later one that has come: it was logged when it was seen.

    The first one would let a check of now stand before another one that is older. `stood` is the
    moment that is corrected: the same text still means that moment, to the second.
    """

    def __init__(
        self, *, label: "StrOrPromise", zone: ZoneInfo, now: datetime, stood: datetime | None
    ) -> None:
        super().__init__(label=label, zone=zone)
        self.now, self.stood = now, stood

    def to_python(self, value: object) -> datetime | None:
        """The moment. Raises ValidationError."""
        moment = super().to_python(value)
        if moment is None:
            return None
        if self.stood is not None and self.prepare_value(self.stood) == self.prepare_value(moment):
            return self.stood
        second = moment.replace(fold=1)
        return second if second.astimezone(UTC) <= self.now else moment


def seen_at_field(setting: Setting, stood: Assessment | None) -> SeenAtField:
    """The field of a form in its setting; `stood` is the check that it corrects."""
    return SeenAtField(
        label=gettext_lazy("When"),
        zone=setting.course.centre.zone,
        now=setting.now,
        stood=None if stood is None else stood.observed_at,
    )

"""What the chart says that a check is read against: day 0, a death, ICE before the infusion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from audit.prepared import Prepared
from patients.models import Anchor, Course, Death
from patients.models.courses import AnchorKind
from toxicity.models import Assessment

_INFUSIONS = Anchor.objects.filter(course=OuterRef("pk"), kind=AnchorKind.INFUSION)
_DEATHS = Death.objects.filter(patient=OuterRef("patient"), withdrawn_at=None)
_BASELINES = Assessment.objects.filter(
    course=OuterRef("pk"), baseline=True, ice__isnull=False
).standing()
# Of a course, in this order, what `read` takes.
COLUMNS = (
    Subquery(_INFUSIONS.order_by("-occurrence").values("actual_on")[:1]),
    Subquery(_DEATHS.order_by("pk").values("died_on")[:1]),
    ArraySubquery(_BASELINES.latest_first().values_list(JSONObject(at="observed_at", ice="ice"))),
)
_KNOWN = Prepared(lambda course: Course.objects.filter(pk=course).values_list(*COLUMNS))


@dataclass(frozen=True)
class Background:
    """Of a course whose lock is held, or as it is now for a preview."""

    infused_on: date | None
    died_on: date | None
    baselines: Sequence[tuple[datetime, int]]  # when, and ICE; the latest first

    @classmethod
    def of(cls, course: Course) -> "Background":
        """Of a course, in one query."""
        (row,) = _KNOWN(course.pk)
        return cls.read(*row)

    @classmethod
    def read(cls, infused_on: Any, died_on: Any, baselines: Any) -> "Background":
        """From the columns."""
        known = [(datetime.fromisoformat(one["at"]), one["ice"]) for one in baselines]
        return cls(infused_on, died_on, known)

    def ice_before(self, at: datetime) -> int | None:
        """ICE of the last baseline by then; None where nobody took one."""
        return next((ice for taken, ice in self.baselines if taken <= at), None)

"""The timeline of one course as a workbook or JSON at once, coded as its CSV is."""

from datetime import datetime

from django.utils.translation import get_language

from accounts.models import User
from exports.contents import CONTENTS
from exports.pseudonyms import Masked
from exports.requesting import leaving
from exports.requesting_one import name_of
from exports.rows_for_files import coded_rows
from exports.storing import bench
from exports.tables import Table
from exports.writers.about import About
from exports.writers.formats import FORMATS

# True dates under the code of the course: neither pseudonymised nor with names.
CODED = "coded"
_TIMELINES = CONTENTS["timelines"]


def request_timeline_sheet(
    *, course_id: int, form: str, actor: User, now: datetime
) -> tuple[str, bytes]:
    """The file of the format `form`, with its name. Raises as `requesting_one.leaving` does."""
    course = leaving(course_id=course_id, actor=actor, now=now, action="export.timeline", form=form)
    language = (get_language() or "en")[:2]
    about = About(
        zone=course.centre.zone, level=CODED, language=language, made_at=now, courses=1, left_out=0
    )
    rows = coded_rows(actor, {course.pk: Masked(course.code, 0)})
    with bench() as place:
        path = place / "file"
        FORMATS[form].write(path, Table(_TIMELINES.code, _TIMELINES.columns, rows), about)
        return name_of(course, now, f"timeline.{FORMATS[form].ending}"), path.read_bytes()

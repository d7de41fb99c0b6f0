"""The clock of a hold after lymphodepletion in words: day n of the protocol's, or past it."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from pathway.domain.spine import Stage
from pathway.loading_companions import CompanionRow


def clock_text(
    companions: Sequence[CompanionRow], *, stage: str, stage_since: date, most: int, today: date
) -> str:
    """What a page says while the infusion is on hold; empty where no clock runs.

    Counted as the guards count: from the last dose given, else from the completion, whose day is
    always known at this stage. Lymphodepletion of an earlier round runs no clock.
    """
    given = [
        row for row in companions if row.machine == "lymphodepletion" and row.state != "cancelled"
    ]
    if stage != Stage.LYMPHODEPLETION or not given or given[-1].state != "complete":
        return ""
    ended = given[-1].last_given_on or given[-1].state_since
    if ended < stage_since:
        return ""
    said = {"day": (today - ended).days, "most": most}
    if said["day"] <= most:
        return _("Day %(day)s of %(most)s since the end of lymphodepletion") % said
    text = _(
        "Day %(day)s since the end of lymphodepletion: past the %(most)s of the protocol. "
        "A repeat lymphodepletion is considered."
    )
    return text % said

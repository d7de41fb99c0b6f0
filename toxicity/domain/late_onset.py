"""A first onset later than usual after the infusion: other causes are looked for."""

from terms.words import N_
from toxicity.domain.grading import Warning

LATE_ONSET = "late_onset"


def late_onset(day: int | None, usual: int | None, grade: int | None) -> tuple[Warning, ...]:
    """What to say of a first `grade` on `day`; `usual` is the last usual day, None asks nothing."""
    if day is None or usual is None or not grade or day <= usual:
        return ()
    text = N_("First signs on day %(day)s, usual up to day %(usual)s: look for another cause.")
    return (Warning(LATE_ONSET, text, {"day": day, "usual": usual}),)

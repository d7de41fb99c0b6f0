"""What laboratories call the analytes: the protocol's own names, and what a centre remembers."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.models import Centre, User
from patients.domain.ranges import Ranges
from patients.domain.result_rows import plain_name
from patients.models import LabName

LONGEST_NAME = 80


def names_of(ranges: Ranges) -> Mapping[str, str]:
    """Every analyte by its code and its labels; a name that two share means neither."""
    meant: dict[str, set[str]] = {}
    for one in ranges.analytes:
        for name in (one.code, one.label.en, one.label.it):
            meant.setdefault(plain_name(name), set()).add(one.code)
    return {name: next(iter(codes)) for name, codes in meant.items() if len(codes) == 1}


def remembered(centre: Centre) -> Mapping[str, str]:
    """The analyte by each name that somebody of the centre said before."""
    return dict(centre.lab_names.values_list("name", "analyte"))


def remember(
    names: Mapping[str, str], centre: Centre, *, actor: User, now: datetime
) -> Iterable[str]:
    """Keep what was said of some names for the files to come; returns the names that are new."""
    known = remembered(centre)
    fresh = {name: analyte for name, analyte in names.items() if known.get(name) != analyte}
    for name, analyte in sorted(fresh.items()):
        LabName.objects.update_or_create(
            centre=centre,
            name=name,
            defaults={"analyte": analyte, "set_at": now, "set_by": actor.get_username()},
        )
    return fresh

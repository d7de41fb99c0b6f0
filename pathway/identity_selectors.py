"""Reading identity checks for pages and the API: never what one person read, before both have."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.wording import day_text
from pathway.domain.identity_checks import (
    CHANGED_NAMES,
    READ_NAMES,
    SHOWN,
    CheckKind,
    IdentityCheckRules,
    Outcome,
    dose_left_out,
)
from pathway.domain.labels import changed_since
from pathway.domain.rules import PathwayRules
from pathway.identity_checks import Standing, standing_of
from pathway.identity_snapshots import labels_now
from pathway.models import IdentityCheck, IdentityDeviation, Product
from patients.identity import Named
from patients.models import Course
from protocol.selectors import settings_of
from terms.partial_dates import parse
from terms.words import N_


@dataclass(frozen=True)
class CheckView:
    """A check as pages and the API show it."""

    standing: Standing
    pairs: tuple[Named, ...]
    mismatches: tuple[str, ...]  # msgids of what did not agree
    deviation: str
    until: datetime | None  # a passed one at the bedside holds so long; an open one waits so long
    lapsed: str = ""  # msgid of why a passed one does not count any more
    changed: tuple[str, ...] = ()  # msgids of what is recorded otherwise since
    dose_left_out: bool = False  # nobody compares the dose on the bag: none is recorded

    @property
    def check(self) -> IdentityCheck:
        """The row."""
        return self.standing.check


def rules_of_course(course: Course) -> IdentityCheckRules:
    """The times of the protocol that the course is pinned to."""
    return PathwayRules.of(settings_of(course.protocol)).identity_checks


def product_of(course: Course, pk: int) -> Product:
    """A product of a course the caller may see. Raises Product.DoesNotExist."""
    return Product.objects.get(course=course, pk=pk)


def check_of(course: Course, pk: int) -> IdentityCheck:
    """A check of a course the caller may see. Raises IdentityCheck.DoesNotExist."""
    return IdentityCheck.objects.select_related("product", "course").get(course=course, pk=pk)


def running_check(course: Course, product: Product, kind: str, now: datetime) -> int | None:
    """The check of `product` that waits for a reading, by its key."""
    latest = IdentityCheck.objects.filter(product=product, kind=kind).order_by("-pk").first()
    if latest is None:
        return None
    open_ = standing_of(latest, rules_of_course(course), now).outcome is Outcome.OPEN
    return latest.pk if open_ else None


def checks_of(course: Course) -> list[IdentityCheck]:
    """The checks of a course, latest first."""
    checks = IdentityCheck.objects.filter(course=course).select_related("product", "course")
    return list(checks.order_by("-pk"))


def check_view(check: IdentityCheck, now: datetime) -> CheckView:
    """How a check stands at `now`."""
    rules = rules_of_course(check.course)
    standing = standing_of(check, rules, now)
    changed, lapsed = _lapsed(standing, rules, now)
    numbered = IdentityDeviation.objects.filter(check_of=check).first()
    return CheckView(
        standing=standing,
        pairs=snapshot_pairs(check.snapshot),
        mismatches=tuple(READ_NAMES[name] for scan in standing.scans for name in scan.mismatches),
        deviation=numbered.number if numbered else "",
        until=_until(standing, rules),
        lapsed=lapsed,
        changed=changed,
        dose_left_out=dose_left_out(check.kind, check.snapshot),
    )


def _lapsed(
    standing: Standing, rules: IdentityCheckRules, now: datetime
) -> tuple[tuple[str, ...], str]:
    """Why a check that passed lets nothing happen any more: no tick may outlive what it says."""
    check = standing.check
    if standing.outcome is not Outcome.PASSED:
        return (), ""
    recorded, conflict = labels_now(check.course, check.product)
    changed = changed_since(check.kind, check.snapshot, recorded)
    later = IdentityCheck.objects.filter(product=check.product, kind=check.kind, pk__gt=check.pk)
    until = _until(standing, rules)
    if changed or conflict:
        names = tuple(CHANGED_NAMES[name] for name in changed)
        return names, N_("What is recorded has changed since")
    if later.exists():
        return (), N_("A newer check of this product was begun")
    if until is not None and now > until:
        return (), N_("The time for which it holds is over")
    return (), ""


def _until(standing: Standing, rules: IdentityCheckRules) -> datetime | None:
    scans, check = standing.scans, standing.check
    if standing.outcome is Outcome.OPEN:
        since = scans[0].scanned_at if scans else check.opened_at
        return since + timedelta(minutes=rules.between_minutes.value)
    if standing.outcome is Outcome.PASSED and check.kind == CheckKind.BEDSIDE:
        return scans[-1].scanned_at + timedelta(minutes=rules.bedside_valid_minutes.value)
    return None


def snapshot_pairs(snapshot: dict[str, str]) -> tuple[Named, ...]:
    """The frozen picture as label and value."""
    dates = ("birth_date", "expires_on")
    return tuple(
        Named(
            _(READ_NAMES[name]),
            day_text(parse(text).earliest()) if text and name in dates else text,
        )
        for name in SHOWN
        if (text := snapshot.get(name, "")) or name != "coi_id"
    )

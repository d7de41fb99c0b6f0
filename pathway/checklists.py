"""The items of a review and the checks of a gate as rows in words: for pages, print and the API."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import RefusalView, param_in_words, refusal_view, role_names
from pathway.assessing import who_may
from pathway.check_refusals import asked, may_record
from pathway.domain.assessments import GateOutcome, ItemStep
from pathway.domain.eligibility_items import COMPUTED, ItemStanding, ItemState
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist
from pathway.domain.measures import Measure, units_of
from pathway.domain.review_guards import standings_of, unsettled
from pathway.gating import STAGES
from pathway.measure_words import threshold_text, value_text
from protocol.domain.reading import Setting
from terms.refusals import Refusal
from terms.words import N_

STATUS_WORDS: dict[str, str] = {
    ItemState.NOT_REQUESTED: N_("Not recorded"),
    ItemState.REQUESTED: N_("Ordered"),
    ItemState.SAMPLED: N_("Sampled"),
    ItemState.RESULTED: N_("Cannot be read"),
    ItemState.ACCEPTED: N_("In range"),
    ItemState.OUT_OF_RANGE: N_("Out of range"),
    ItemState.WAIVED: N_("Waived"),
    Status.MET: N_("Met"),
    Status.NOT_MET: N_("Not met"),
    Status.MISSING: N_("Not recorded"),
    Status.STALE: N_("Too old"),
    Status.NOT_APPLICABLE: N_("Does not apply"),
    Status.CAUTION: N_("Asks for a reason"),
    Status.CHART: N_("The chart says otherwise"),
}
KEPT, EXPIRED, NOT_CHECKED = N_("Recorded"), N_("Expired"), N_("Not checked")
# A badge's tone; what is not known has none that could pass for green.
TONES: dict[str, str] = {
    ItemState.ACCEPTED: "ok",
    ItemState.OUT_OF_RANGE: "bad",
    ItemState.RESULTED: "bad",
    ItemState.WAIVED: "hold",
    ItemState.NOT_REQUESTED: "unchecked",
    ItemState.REQUESTED: "unchecked",
    ItemState.SAMPLED: "unchecked",
    Status.MET: "ok",
    Status.NOT_MET: "bad",
    Status.MISSING: "unchecked",
    Status.STALE: "hold",
    Status.NOT_APPLICABLE: "plain",
    Status.CAUTION: "hold",
    Status.CHART: "bad",
}


@dataclass(frozen=True)
class Row:
    """One item or check: how it stands, what it was compared with, what is missing, who may."""

    code: str
    label: str
    state: str
    word: str
    tone: str
    passed: bool
    value: str
    threshold: str
    source: str
    confirmed: bool
    age: str = ""
    on: date | None = None
    at: datetime | None = None
    valid_until: date | None = None
    expired: bool = False
    mandatory: bool = True
    computed: bool = False
    by: str = ""
    remark: str = ""
    entry: int | None = None
    missing: tuple[Refusal, ...] = ()
    recorders: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()
    may_record: bool = False
    may_waive: bool = False
    may_correct: bool = False
    waiver: int | None = None  # what is taken back where it is no result
    may_take_back: bool = False
    before_thaw: bool = False
    units: tuple[str, ...] = ()  # to choose from with a value
    not_then: bool = False  # when a dose past it was given that was told afterwards
    before: tuple[Any, ...] = ()  # what stood before: filled by stood_before.py

    @property
    def taken_back(self) -> int | None:
        """The row that a taking back replaces."""
        return self.entry if self.waiver is None else self.waiver

    @property
    def reasons(self) -> tuple[RefusalView, ...]:
        """What is missing, in words: those of the move's own refusal."""
        return tuple(refusal_view(refusal) for refusal in self.missing)

    @property
    def who_waives(self) -> str:
        """The names of the roles that may let it yield; empty for nobody."""
        return ", ".join(str(name) for name in role_names(self.waivers))

    @property
    def who_records(self) -> str:
        """The names of the roles that record it; empty where it is computed."""
        return ", ".join(str(name) for name in role_names(self.recorders))


def item_rows(user: User, facts: CourseFacts, *, open_review: bool) -> tuple[Row, ...]:
    """Every item of the latest review as `user` may see it, on the day of the facts."""
    named = user.may(Permission.SEE_IDENTITY)
    return tuple(
        _item_row(user, standing, open_review=open_review, named=named)
        for standing in standings_of(facts)
        if named or standing.item.code not in COMPUTED  # what follows from the birth date tells it
    )


def check_rows(user: User, facts: CourseFacts, gate: Gate, *, not_checked: bool) -> tuple[Row, ...]:
    """Every check of a gate as `user` may see it, at the moment of the facts.

    `not_checked`: the course came past the gate with its past; what nobody recorded is said so.
    """
    here = facts.stage in STAGES[gate] and not facts.deceased
    named = user.may(Permission.SEE_IDENTITY)
    rows = (_check_row(user, one, here=here, named=named) for one in checklist(gate, facts))
    if gate is Gate.LYMPHODEPLETION:
        doses = (dose for row in facts.depletions for dose in row.doses)
        then = frozenset[str]().union(*(dose.unpassed for dose in doses))
        rows = (replace(row, not_then=row.code in then) for row in rows)
    return tuple(_unasked(row) if not_checked else row for row in rows)


def _unasked(row: Row) -> Row:
    """A check behind which the course was entered: nobody asked it, whatever it would say now.

    What somebody recorded all the same stays; what is computed is told without a tick.
    """
    if row.computed or row.entry is None:
        return replace(row, word=_(NOT_CHECKED), tone="unchecked", passed=False)
    return row


def _item_row(user: User, standing: ItemStanding, *, open_review: bool, named: bool) -> Row:
    item, state = standing.item, standing.state
    word, tone = STATUS_WORDS[state], TONES[state]
    if state is ItemState.ACCEPTED and not item.measure.compared:
        word, tone = KEPT, "plain"
    if standing.expired:
        word, tone = EXPIRED, "hold"
    settled, computed = standing.settled, item.code in COMPUTED
    waivers = () if settled else item.waived_by.value
    recorders = who_may(item, ItemStep.RESULTED)
    return Row(
        code=item.code,
        label=item.label.in_language(_language()),
        state=state.value,
        word=_(word),
        tone=tone,
        passed=settled,
        value=shown_value(item.measure, standing.value, named),
        threshold=threshold_text(item.measure),
        units=units_of(item.measure),
        mandatory=item.mandatory.value,
        computed=computed,
        age=_days(standing.age_days),
        on=standing.on,
        valid_until=standing.valid_until,
        expired=standing.expired,
        by=standing.by if named else "",
        remark=standing.reason if named else "",
        entry=standing.entry,
        missing=() if settled or not item.mandatory.value else (unsettled(standing),),
        recorders=recorders,
        waivers=waivers,
        may_record=open_review and not user.roles.isdisjoint(recorders),
        may_waive=open_review and not user.roles.isdisjoint(waivers),
        may_correct=open_review
        and bool(standing.entry)
        and not computed
        and not user.roles.isdisjoint(recorders),
        waiver=standing.entry if state is ItemState.WAIVED else None,
        may_take_back=open_review
        and standing.entry is not None
        and not user.roles.isdisjoint(who_may(item, state)),
        **_told(item.measure.sources or (item.mandatory,)),
    )


def _check_row(user: User, standing: CheckStanding, *, here: bool, named: bool) -> Row:
    check, found = standing.check, standing.finding
    here = here and asked(standing)
    with_move = bool(standing.refusals) and found is not None and bool(found.refusals)
    value = shown_value(check.measure, standing.value, named) if check.measure else ""
    if found is not None:
        value = _(found.message) % {k: param_in_words(v) for k, v in found.params.items()}
    may_waive = not (standing.passed or with_move) and here
    own = Setting(value=None, source=check.source, confirmed=check.confirmed)
    records = not user.roles.isdisjoint(may_record(standing, GateOutcome.MET))
    return Row(
        code=check.code,
        label=check.label.in_language(_language()),
        state=standing.status.value,
        word=_(STATUS_WORDS[standing.status]),
        tone=TONES[standing.status],
        passed=standing.passed,
        value=value,
        threshold=_limits(check.measure, standing),
        units=units_of(check.measure) if check.measure else (),
        computed=bool(check.fact),
        age=_hours(standing.age),
        on=standing.on,
        at=standing.at,
        expired=standing.status is Status.STALE,
        by=standing.by if named else "",
        remark=standing.remark if named else "",
        entry=standing.entry,
        missing=standing.refusals,
        recorders=check.recorded_by,
        waivers=() if standing.passed else standing.who_may_waive or check.waived_by,
        may_record=here and records,
        may_correct=records and standing.entry is not None and not check.fact,
        may_waive=may_waive and not user.roles.isdisjoint(check.waived_by),
        waiver=standing.waiver,
        before_thaw=check.before_thaw,
        may_take_back=(standing.entry or standing.waiver) is not None
        and not user.roles.isdisjoint(may_record(standing, GateOutcome.WITHDRAWN)),
        **_told(
            (
                own,
                *(check.measure.sources if check.measure else ()),
                *(check.charted.sources if check.charted else ()),
            )
        ),
    )


def _limits(measure: Measure | None, standing: CheckStanding) -> str:
    """What the value is compared with, and for how long it holds."""
    parts = [threshold_text(measure)] if measure else []
    if standing.check.max_days is not None:
        days = standing.check.max_days.value
        words = ngettext("of the day or %(count)s day before", "up to %(count)s days before", days)
        parts.append(words % {"count": days})
    if standing.check.max_age is not None:
        # What is computed has its own validity: only the waiver of it grows old here.
        words = _("waived for %(age)s") if standing.check.fact else _("not older than %(age)s")
        parts.append(words % {"age": _hours(standing.check.max_age)})
    return " · ".join(part for part in parts if part)


def _told(settings: Iterable[Setting[Any]]) -> dict[str, Any]:
    """The sources of what a row is compared with; confirmed when every one of them is."""
    told = list(settings)
    return {
        "source": "; ".join(dict.fromkeys(setting.source for setting in told)),
        "confirmed": all(setting.confirmed for setting in told),
    }


def shown_value(measure: Measure, value: str, named: bool) -> str:
    """A kept value in words; free text is for who may read names."""
    if measure.kind == "text" and not named:
        return ""  # free text could name somebody
    return value_text(measure, value)


def _days(days: int | None) -> str:
    if days is None:
        return ""
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def _hours(age: timedelta | None) -> str:
    """Hours for two days, then whole days."""
    if age is None:
        return ""
    hours = int(age.total_seconds() // 3600)
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return _days(age.days)


def _language() -> str:
    return get_language() or "en"

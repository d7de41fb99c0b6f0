"""What a notice can be about: its words, how pressing it is, and what to look at.

A notice tells that something happened. It never says what to give, do or stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from terms.words import N_


class Severity(StrEnum):
    """How pressing a notice is."""

    URGENT = "urgent"
    ATTENTION = "attention"
    INFORMATION = "information"


SEVERITY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        Severity.URGENT: N_("Urgent"),
        Severity.ATTENTION: N_("Attention"),
        Severity.INFORMATION: N_("Information"),
    }
)


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice.

    `text` is an English msgid whose %(name)s places are filled from the notice's params; `look` is
    what to look at next. Params are dates, numbers, Bilingual labels of the protocol and msgids,
    never what somebody typed: readers of codes see them too.
    """

    code: str
    severity: Severity
    text: str
    look: str
    params: tuple[str, ...] = ()


# A relapse by its kind, and an antigen by what was found.
RELAPSE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "molecular": N_("Molecular relapse"),
        "haematological": N_("Haematological relapse"),
        "isolated": N_("Relapse outside the marrow only"),
        "mrd": N_("Measurable residual disease"),
        "refractory": N_("Refractory disease"),
    }
)
ANTIGEN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "positive": N_("positive"),
        "dim": N_("dim"),
        "negative": N_("negative"),
        "not_tested": N_("not tested"),
        "unknown": N_("not known"),
    }
)

_KINDS = (
    NoticeKind(
        "hold_opened",
        Severity.ATTENTION,
        N_("On hold since %(since)s: %(step)s (%(reason)s)."),
        N_("Look at the hold, its planned date and its review date."),
        ("step", "reason", "since"),
    ),
    NoticeKind(
        "high_grade",
        Severity.URGENT,
        N_("%(scale)s grade %(grade)s, %(on)s."),
        N_("Nobody has been called by this notice. Look at the check and at the patient."),
        ("scale", "grade", "on"),
    ),
    NoticeKind(
        "product_interlock",
        Severity.URGENT,
        N_("The product is lost or in doubt near lymphodepletion: %(state)s, %(on)s."),
        N_("The infusion is on hold. Look at the product and at what is planned."),
        ("state", "on"),
    ),
    NoticeKind(
        "product_lost",
        Severity.URGENT,
        N_("The product is lost or in doubt: %(state)s, %(on)s."),
        N_("Look at the product, and at what is planned around it."),
        ("state", "on"),
    ),
    NoticeKind(
        "product_expired",
        Severity.URGENT,
        N_("The product has passed its date of expiry, %(on)s."),
        N_("Look at the product, and at what is planned around it."),
        ("on",),
    ),
    NoticeKind(
        "identity_mismatch",
        Severity.URGENT,
        N_("%(check)s, %(on)s: what was read is not what is recorded."),
        N_("The product is in quarantine. Look at the check and at its deviation number."),
        ("check", "on"),
    ),
    NoticeKind(
        "check_not_then",
        Severity.URGENT,
        N_("%(step)s, corrected to %(on)s: the identity check at the bedside did not stand then."),
        N_("Look at the times and at the check: at the corrected time nobody had checked it."),
        ("step", "on"),
    ),
    NoticeKind(
        "gate_not_then",
        Severity.URGENT,
        N_("Discharge, corrected to %(on)s: the gate to discharge did not stand then."),
        N_("Look at the time and at the checks of then, and at how the patient is now."),
        ("on",),
    ),
    NoticeKind(
        "step_not_then",
        Severity.URGENT,
        N_("%(machine)s, step “%(step)s”, corrected to %(on)s: not all that it asks stood then."),
        N_("Look at the time and the reasons on the page of the gate, and at what followed."),
        ("machine", "step", "on"),
    ),
    NoticeKind(
        "bag_too_old_then",
        Severity.URGENT,
        N_(
            "%(step)s, corrected to %(on)s: the bag had lain thawed for %(minutes)s minutes, "
            "at most %(most)s are allowed."
        ),
        N_("Look at the times of the thaw and of the infusion, and tell quality what was given."),
        ("step", "on", "minutes", "most"),
    ),
    NoticeKind(
        "infusion_over_time",
        Severity.URGENT,
        N_("What was recorded of the infusion once it was over: %(what)s"),
        N_("Look at the times of the thaw and of the infusion, and tell quality what was given."),
        ("what",),
    ),
    NoticeKind(
        "custody_fault",
        Severity.URGENT,
        N_("Noted in the chain of custody on %(on)s: %(what)s."),
        N_("What was in hand is in quarantine. Look at the entry and at its deviation number."),
        ("what", "on"),
    ),
    NoticeKind(
        "labels_in_doubt",
        Severity.URGENT,
        N_("What is recorded of the product's labels does not agree: %(on)s."),
        N_("Look at the labels and at the order: no identity check begins while they differ."),
        ("on",),
    ),
    NoticeKind(
        "number_changed",
        Severity.URGENT,
        N_("The hospital number that labels are compared with was put right on %(on)s."),
        N_("Verify the identity anew; look at order, wristband and labels, and check them again."),
        ("on",),
    ),
    NoticeKind(
        "washout_past_date",
        Severity.ATTENTION,
        N_("A washout ends on %(until)s, after the collection booked for %(booked)s."),
        N_("Look at the dose and at the booked date."),
        ("until", "booked"),
    ),
    NoticeKind(
        "collected_in_washout",
        Severity.URGENT,
        N_(
            "The collection of %(collected)s was made inside a washout: by what is recorded now, "
            "a dose was given on %(on)s, and its washout lasts until %(until)s."
        ),
        N_("Look at the dose, and at what it means for the cells that were collected."),
        ("on", "collected", "until"),
    ),
    NoticeKind(
        "bridging_not_washed_out",
        Severity.URGENT,
        N_(
            "The course went on to lymphodepletion on %(since)s; by what is recorded now, a "
            "bridging dose was given on %(on)s, and %(days)s days are asked for between them."
        ),
        N_("Look at the dose, and at whether lymphodepletion goes on as planned."),
        ("on", "since", "days"),
    ),
    NoticeKind(
        "correction_asked",
        Severity.ATTENTION,
        N_("Somebody asks for a correction: %(what)s."),
        N_("Look at the records of the course: why stands beside the entry."),
        ("what",),
    ),
    NoticeKind(
        "measure_corrected",
        Severity.URGENT,
        N_("%(what)s was corrected while doses are ordered."),
        N_("Look at the amounts ordered: they may have been counted from what stood before."),
        ("what",),
    ),
    NoticeKind(
        "check_not_met",
        Severity.URGENT,
        N_("A check of a gate that was passed is recorded as not met: %(check)s, %(on)s."),
        N_("Look at the gate before the next dose or the infusion."),
        ("check", "on"),
    ),
    NoticeKind(
        "check_asks",
        Severity.URGENT,
        N_("A value at a gate that was passed asks for a reason: %(check)s, %(on)s."),
        N_("Look at the gate before the next dose or the infusion."),
        ("check", "on"),
    ),
    NoticeKind(
        "check_taken_back",
        Severity.URGENT,
        N_("What was recorded of a check was taken back, its gate is passed: %(check)s, %(on)s."),
        N_("Look at the gate before the next dose or the infusion."),
        ("check", "on"),
    ),
    NoticeKind(
        "dose_off_now",
        Severity.URGENT,
        N_(
            "%(what)s was corrected or entered late: the dose of %(drug)s given on %(on)s differs "
            "by more than the protocol allows from what it comes to now."
        ),
        N_("Look at what was given, and at what is still to be given."),
        ("what", "drug", "on"),
    ),
    NoticeKind(
        "dose_told_after",
        Severity.URGENT,
        N_(
            "The first dose of lymphodepletion, given on %(on)s, was told afterwards. When it was "
            "given this did not stand: %(checks)s."
        ),
        N_("Look at the dose and the reasons given, and at the gate before the next dose."),
        ("on", "checks"),
    ),
    NoticeKind(
        "death_graded",
        Severity.URGENT,
        N_("The death was taken back, and %(what)s of %(on)s is still recorded as grade 5."),
        N_("Look at what was seen then: correct it, or take it back."),
        ("what", "on"),
    ),
    NoticeKind(
        "cancelled_was_begun",
        Severity.URGENT,
        N_("A dose of a lymphodepletion recorded as cancelled was given, on %(on)s."),
        N_("Look at what is planned: another lymphodepletion is a repeat, counted anew."),
        ("on",),
    ),
    NoticeKind(
        "depletion_undone",
        Severity.URGENT,
        N_("By a correction no dose of the completed lymphodepletion stands as given."),
        N_("Look at the doses: no product is thawed without a lymphodepletion."),
    ),
    NoticeKind(
        "chart_otherwise",
        Severity.URGENT,
        N_("After a check of the gate the chart says otherwise (%(check)s): %(what)s, %(on)s."),
        N_("Look at the result and at the gate: the check was passed before this was known."),
        ("check", "what", "on"),
    ),
    NoticeKind(
        "dose_in_doubt",
        Severity.URGENT,
        N_("A new certificate of %(on)s says a dose outside what the protocol asks for."),
        N_("Look at the certificate before the next dose of lymphodepletion is given."),
        ("on",),
    ),
    NoticeKind(
        "consent_withdrawn",
        Severity.URGENT,
        N_("A consent was taken back on %(on)s: %(what)s."),
        N_("Look at what is planned: nothing goes on that the patient does not want."),
        ("what", "on"),
    ),
    NoticeKind(
        "consent_refused",
        Severity.URGENT,
        N_("A consent is refused on %(on)s: %(what)s."),
        N_("Look at what is planned: nothing goes on that the patient does not want."),
        ("what", "on"),
    ),
    NoticeKind(
        "review_unsettled",
        Severity.URGENT,
        N_("An item of the eligibility review no longer stands since %(on)s: %(what)s."),
        N_("Look at the item with the meeting: the review was listed or accepted with it."),
        ("what", "on"),
    ),
    NoticeKind(
        "patient_died",
        Severity.ATTENTION,
        N_("The patient died on %(on)s."),
        N_("Look at what becomes of the product and of what is booked."),
        ("on",),
    ),
    NoticeKind(
        "product_left",
        Severity.URGENT,
        N_("The course ended on %(on)s while its product stands: %(state)s."),
        N_("Look at what becomes of the product: nobody on the pathway waits for it any more."),
        ("state", "on"),
    ),
    NoticeKind(
        "relapse",
        Severity.ATTENTION,
        N_("%(what)s after the infusion, %(on)s. CD19: %(cd19)s. CD22: %(cd22)s."),
        N_("Look at the relapse with the meeting, and at what the blasts carry."),
        ("what", "on", "cd19", "cd22"),
    ),
    NoticeKind(
        "not_planned",
        Severity.ATTENTION,
        N_("The reminders of this course cannot be planned since %(on)s: some may be missing."),
        N_("What was planned before stays due. Look at the protocol for what follows it."),
        ("on",),
    ),
    NoticeKind(
        "early_b_cell_recovery",
        Severity.ATTENTION,
        N_("CD19+ B cells came back early: above the threshold on %(on)s."),
        N_("Look at the result with the meeting: the CAR-T cells may be lost."),
        ("on",),
    ),
)

NOTICE_KINDS: Mapping[str, NoticeKind] = MappingProxyType({kind.code: kind for kind in _KINDS})

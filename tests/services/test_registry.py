"""Files for registries: what is told, what is missing, what is never guessed."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from audit.models import AuditEvent
from exports.registry.columns import registry_files
from exports.requesting_registry import counted, request_registry
from pathway.domain.doses import Route
from pathway.dosing import DoseOrder
from patients.charting import withdraw_consent
from patients.deaths import record_death
from patients.models import Course
from terms.refusals import NotAllowed, Refused
from tests.conftest import Refer
from tests.walking import DAY_ZERO, Walk
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import give_treatment
from toxicity.infections import record_infection
from toxicity.models import AssessmentGrade
from toxicity.recording import log_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

pytestmark = pytest.mark.walked("to_follow_up")


def told(name: str, walk: Walk, user: User, day: int = 400) -> list[dict[str, str]]:
    """The rows of a file on a day after the infusion."""
    wanted = registry_files()[name]
    file = request_registry(file=wanted, purpose=" yearly report ", actor=user, now=walk.at(day))
    return list(csv.DictReader(io.StringIO("".join(file.pieces), newline="")))


def test_a_course_has_a_baseline_and_what_nobody_recorded_is_missing(
    walk: Walk, coordinator: User
) -> None:
    [row] = told("cibmtr-4000", walk, coordinator)
    assert (row["course"], row["recipient_sex"], row["age_at_infusion"]) == (
        walk.course.code, "female", "65",
    )  # fmt: skip
    assert (row["consent_research"], row["prior_lines" if "prior_lines" in row else "disease"]) == (
        "yes", "",
    )  # fmt: skip
    assert (row["ld_given"], row["ld_start"], row["infusion_date"]) == (
        "yes", "2026-10-16", "2026-10-20",
    )  # fmt: skip
    assert (row["height_cm"], row["weight_kg"]) == ("170", "70.0")
    assert row["ld_drugs"].startswith("Fludarabine ")
    product = walk.course.products.get()
    assert (row["product_lot"], row["cells_infused_e6"]) == (product.lot, "70.000")
    absent = row["missing"].split()
    assert {"country", "date_of_birth", "prior_hct", "hct_ci", "route", "disease"} <= set(absent)
    assert all(row[key] == "" for key in absent)
    assert not {"product_lot", "ld_start", "weight_kg"} & set(absent)


def test_half_a_centimetre_rounds_up_and_an_old_weight_is_none(
    walk: Walk, coordinator: User
) -> None:
    walk.note("lab", on="2026-10-16", analyte="HEIGHT", value="169.5", unit="cm")
    walk.note("lab", on="2026-10-16", analyte="WEIGHT", value="71.25", unit="kg")
    walk.note("lab", on="2026-10-17", analyte="WEIGHT", value="80", unit="kg")
    walk.note("lab", on="2026-10-16", analyte="ECOG", value="1", unit="{score}")
    [row] = told("cibmtr-4000", walk, coordinator)
    assert (row["height_cm"], row["weight_kg"], row["ecog"]) == ("170", "71.3", "1")
    walk.course.labresults.filter(analyte="WEIGHT").update(on="2025-01-01")
    [row] = told("ebmt-day-0", walk, coordinator)
    assert row["weight_kg"] == ""
    assert "weight_kg" in row["missing"].split()


def test_history_is_told_as_far_as_it_is_known(walk: Walk, coordinator: User) -> None:
    walk.note("diagnosis", on="2024", disease='B-ALL, "common"', ph_status="positive", risk="high")
    walk.note("transplant", on="2025-03", kind="allo")
    walk.note("marrow", on="2026-10-10", remission="none", mrd="positive")
    walk.note("marrow", on="2026-10-30", remission="cr", mrd="negative")
    [row] = told("ebmt-day-0", walk, coordinator)
    assert (row["disease"], row["diagnosis_date"], row["ph_status"], row["risk"]) == (
        'B-ALL, "common"', "2024", "positive", "high",
    )  # fmt: skip
    assert (row["prior_hct"], row["prior_hct_type"], row["prior_hct_date"]) == (
        "yes", "allogeneic", "2025-03",
    )  # fmt: skip
    assert (row["disease_status_last"], row["disease_status_date"]) == (
        "no remission", "2026-10-10",
    )  # fmt: skip
    assert (row["prior_lines"], row["in_specification"]) == ("1", "yes")


@pytest.mark.walked("to_bridging")
def test_bridging_that_was_given_and_none_at_all(walk: Walk, coordinator: User) -> None:
    walk.open("bridging", drug="Inotuzumab", drug_class="inotuzumab")
    walk.order("bridging", DoseOrder(drug="Inotuzumab", route=Route.INTRAVENOUS, amount=Decimal(1)))
    walk.move("bridging", "running")
    walk.give("bridging", 1)
    walk.course.anchors.create(
        kind="infusion", actual_on=walk.now.date(), set_at=walk.now, set_by="test"
    )
    [row] = told("cibmtr-4000", walk, coordinator, day=100)
    assert (row["bridging_given"], row["bridging_drugs"], row["bridging_type"]) == (
        "yes", "Inotuzumab", "systemic",
    )  # fmt: skip
    assert row["bridging_start"] == walk.now.date().isoformat()
    assert "bridging_last_dose" in row["missing"].split()
    walk.course.bridgingcourses.update(state="none")
    [row] = told("cibmtr-4000", walk, coordinator, day=100)
    assert (row["bridging_given"], row["bridging_drugs"]) == ("no", "")
    assert "bridging" not in row["missing"]


def test_a_course_has_a_row_for_each_period_that_ended(walk: Walk, coordinator: User) -> None:
    nurse, now = walk.by("ward_nurse"), walk.tick()
    for day, grade in ((2, 1), (3, 0), (4, 0)):
        seen = Seen(observed_at=walk.at(day, 12), chosen={"crs": grade, "icans": 0})
        log_check(course_id=walk.course.pk, seen=seen, actor=nurse, now=seen.observed_at)
    for drug, dose in (("tocilizumab", 560), ("dexamethasone", 10), ("anakinra", 100)):
        give_treatment(
            course_id=walk.course.pk,
            given=GivenDose(drug, walk.at(2, 14), "crs", Decimal(dose), "mg"),
            actor=nurse,
            now=now,
        )
    record_infection(
        course_id=walk.course.pk, infection=InfectionFacts(DAY_ZERO, "e_coli", "blood"),
        actor=nurse, now=now,
    )  # fmt: skip
    walk.note("marrow", on="2026-11-01", remission="cri", mrd="negative")
    first, second, third = told("ebmt-follow-up", walk, coordinator)
    periods = [(row["period"], row["period_begins"], row["period_ends"])
               for row in (first, second, third)]  # fmt: skip
    assert periods == [
        ("100 d", "2026-10-20", "2027-01-28"),
        ("6 m", "2027-01-29", "2027-04-20"),
        ("1 y", "2027-04-21", "2027-10-20"),
    ]
    assert (first["crs_occurred"], first["crs_diagnosis_date"], first["crs_max_grade"]) == (
        "yes", "2026-10-22", "1",
    )  # fmt: skip
    assert first["crs_therapy"] == "tocilizumab; steroids; other"
    assert (first["icans_occurred"], first["icans_max_grade"]) == ("no", "")
    assert first["infections"] == "e_coli blood 2026-10-20"
    assert (first["survival_status"], first["best_response"], first["relapse"]) == (
        "alive", "CRi", "no",
    )  # fmt: skip
    assert (third["survival_status"], third["icans_occurred"]) == ("", "")
    assert {"survival_status", "icans_occurred", "relapse"} <= set(third["missing"].split())
    assert "icans_max_grade" not in first["missing"].split()


def test_what_lies_across_two_periods_is_told_in_each_as_it_stood_at_its_end(
    walk: Walk, coordinator: User
) -> None:
    nurse = walk.by("ward_nurse")
    for day, grade in ((99, 1), (100, 1), (101, 2), (102, 0), (103, 0)):
        seen = Seen(observed_at=walk.at(day, 12), chosen={"crs": grade, "icans": 0})
        log_check(course_id=walk.course.pk, seen=seen, actor=nurse, now=seen.observed_at)
    last = AssessmentGrade.objects.filter(scale="crs").latest("pk")
    doctor = walk.by("haematologist")
    review_grade(grade_id=last.pk, verdict="confirmed", actor=doctor, now=walk.at(104))
    first, second, _third = told("ebmt-follow-up", walk, coordinator)
    wanted = ("occurred", "max_grade", "resolved", "resolved_date")
    assert [first[f"crs_{name}"] for name in wanted] == ["yes", "1", "no", ""]
    assert [second[f"crs_{name}"] for name in wanted] == ["yes", "2", "yes", "2027-01-29"]
    first, second, _third = told("cibmtr-4100", walk, coordinator)
    assert (first["crs_previously_reported"], second["crs_previously_reported"]) == ("no", "yes")


def test_what_came_later_is_told_in_its_period(walk: Walk, coordinator: User) -> None:
    now = walk.until(200).tick()
    walk.note("relapse", on="2027-03-01", kind="haematological", after_infusion="true",
              marrow="true", cd19="not_tested", cd22="not_tested")  # fmt: skip
    walk.note("transplant", on="2027-04-01", kind="allo", after_infusion="true",
              purpose="salvage")  # fmt: skip
    give_treatment(
        course_id=walk.course.pk,
        given=GivenDose("immunoglobulin", walk.at(150), "prevention", Decimal(20), "g"),
        actor=walk.by("ward_nurse"), now=now,
    )  # fmt: skip
    first, second = told("cibmtr-4100", walk, coordinator, day=220)
    assert (first["relapse"], first["subsequent_hct"], first["ivig"]) == ("", "", "")
    assert (second["relapse"], second["relapse_date"], second["relapse_kind"]) == (
        "yes", "2027-03-01", "haematological",
    )  # fmt: skip
    assert (second["subsequent_hct"], second["subsequent_hct_date"], second["ivig"]) == (
        "yes", "2027-04-01", "yes",
    )  # fmt: skip


def test_the_last_period_ends_with_the_death(walk: Walk, coordinator: User) -> None:
    walk.until(130)
    record_death(
        patient_id=walk.course.patient_id, died_on=DAY_ZERO + timedelta(days=120),
        category="infection", actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    first, last = told("cibmtr-4100", walk, coordinator)
    assert (first["survival_status"], first["cause_of_death"]) == ("alive", "")
    assert (last["period"], last["period_ends"]) == ("6 m", "2027-02-17")
    assert (last["survival_status"], last["cause_of_death"], last["date_last_contact"]) == (
        "dead", "infection", "2027-02-17",
    )  # fmt: skip


def test_who_is_lost_is_told_up_to_the_last_contact(walk: Walk, coordinator: User) -> None:
    walk.course.journey.stage = "lost"
    walk.course.journey.save()
    [row] = told("cibmtr-4100", walk, coordinator)
    assert (row["period"], row["period_ends"]) == ("100 d", "2026-11-03")


def test_who_withdrew_the_data_or_was_never_infused_is_in_no_file(
    walk: Walk, coordinator: User, refer_patient: Refer
) -> None:
    refer_patient(coordinator)
    assert len(told("cibmtr-4000", walk, coordinator)) == 1
    consent = walk.course.consents.get(kind="data")
    withdraw_consent(
        consent_id=consent.pk, withdrawn_on=date(2026, 11, 3), actor=coordinator, now=walk.tick()
    )
    for name in registry_files():
        assert told(name, walk, coordinator) == []
    assert Course.objects.count() == 2


def test_what_a_file_is_for_and_whom_it_holds_is_in_the_audit(
    walk: Walk, coordinator: User, refer_patient: Refer
) -> None:
    refer_patient(coordinator)
    told("ebmt-day-0", walk, coordinator)
    event = AuditEvent.objects.get(action="export.registry")
    assert event.reason == "yearly report"
    assert event.after == {
        "format": "ebmt-day-0", "courses": 1, "consent_not_recorded": 0, "left_out": 0,
    }  # fmt: skip
    consent = walk.course.consents.get(kind="data")
    withdraw_consent(
        consent_id=consent.pk, withdrawn_on=date(2026, 11, 3), actor=coordinator, now=walk.tick()
    )
    assert counted(coordinator) == {"courses": 0, "consent_not_recorded": 0, "left_out": 1}


def test_without_a_purpose_there_is_no_file_and_nothing_in_the_audit(
    walk: Walk, coordinator: User
) -> None:
    file = registry_files()["cibmtr-4000"]
    with pytest.raises(Refused) as refused:
        request_registry(file=file, purpose=" \n", actor=coordinator, now=walk.now)
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.field) == ("purpose_needed", "purpose")
    assert not AuditEvent.objects.filter(action="export.registry").exists()


def test_a_course_without_a_word_on_the_use_of_its_data_says_so(
    walk: Walk, coordinator: User
) -> None:
    walk.course.consents.filter(kind="data").update(kind="treatment_only")
    assert counted(coordinator) == {"courses": 1, "consent_not_recorded": 1, "left_out": 0}
    for name in ("cibmtr-4000", "ebmt-day-0"):
        assert registry_files()[name].says_consent
        [row] = told(name, walk, coordinator)
        assert row["consent_research"] == ""
        assert "consent_research" in row["missing"].split()
    assert not registry_files()["cibmtr-4100"].says_consent


def test_nobody_without_a_centre_gets_a_row(walk: Walk, coordinator: User) -> None:
    coordinator.working_centre = None
    coordinator.save()
    with pytest.raises(NotAllowed):
        told("cibmtr-4000", walk, coordinator)

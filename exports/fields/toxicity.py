"""Columns of bedside checks, their grades, episodes, treatments for toxicity and infections."""

from exports.fields.kinds import Declared


def _record(model: str, *, date: str, text: str, coded: str, technical: str = "") -> Declared:
    return Declared(
        f"toxicity.{model}",
        staff="recorded_by",
        date=f"received_at {date}",
        text=f"reason {text}",
        coded=f"source withdrawn {coded}",
        technical=f"id course replaces key sent {technical}",
    )


FIELDS = (
    _record(
        "assessment",
        date="observed_at",
        # What the patient wrote; some signs are words of whoever saw them.
        text="handwriting remark signs",
        coded="temp_c ice baseline",
        technical="root",
    ),
    Declared(
        "toxicity.assessmentgrade",
        date="graded_at",
        coded="scale grade status origin drivers warnings rule_version",
        technical="id assessment because lapsed",
    ),
    Declared(
        "toxicity.gradereview",
        staff="by",
        date="at",
        text="reason",
        coded="verdict grade",
        technical="id of",
    ),
    Declared(
        "toxicity.episode",
        date="onset_at last_at onset_on last_on peak_at ended_at",
        coded="scale ordinal peak to_confirm flares",
        technical="id course",
    ),
    _record(
        "treatment",
        date="given_at",
        text="other_drug remark",
        coded="drug dose unit times route purpose irradiated hides_fever tapering doubts confirmed",
    ),
    _record(
        "infection",
        date="began_on ended_on",
        text="other_organism remark",
        coded="organism site severity",
    ),
    Declared("toxicity.gradedsofar", technical="id course under rows reached"),
)

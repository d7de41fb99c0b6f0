"""One patient of the ward who came with the old spreadsheet: entered as she stood on day 37."""

from datetime import date, datetime, time

from config.demo_data.people import Team
from config.demo_data.stretches import days
from config.demo_data.walking import ADULT
from pathway.domain.transcription import PastAttempt, PastCourse
from pathway.referring import NewCourse
from pathway.transcribing import Transcript, transcribe
from patients.people import NewPatient

ENTERED, DAY_ZERO = -3, -40  # days from today


def enter_under_way(team: Team, today: date) -> None:
    """Enter the course three days ago; when bridging ended and where she lay nobody wrote down."""
    zero = days(today, DAY_ZERO)
    referred_on = days(zero, -70)
    past = PastCourse(
        stage="follow_up",
        referred_on=referred_on,
        enrolled_on=days(zero, -63),
        attempts=(PastAttempt(days(zero, -50), "adequate"),),
        lot="DEMO-LOT-OLD",
        bridging_drug="inotuzumab ozogamicin",
        bridging_class="inotuzumab",
        bridging_state="closed",
        ld_from=days(zero, -4),
        ld_to=days(zero, -2),
        infused_on=zero,
        admitted_on=days(zero, -5),
        discharged_on=days(zero, 19),
    )
    course = NewCourse(
        protocol_code=ADULT,
        referred_on=referred_on,
        coordinator_id=team["coordinator"].pk,
        haematologist_id=team["physician2"].pk,
    )
    transcribe(
        patient=NewPatient(
            family_name="Orlandi",
            given_name="Gemma",
            birth_date=date(1968, 4, 9),
            sex="female",
            identifiers=(("Hospital number", "70020"),),
            referring_hospital="Ospedale di provincia (demo)",
        ),
        transcript=Transcript(course, past),
        actor=team["coordinator"],
        now=datetime.combine(days(today, ENTERED), time(10), tzinfo=team.centre.zone),
    )

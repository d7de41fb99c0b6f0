"""Today's ward: invented patients at every stage, and two of the second centre."""

from datetime import date

from config.demo_data import stretches
from config.demo_data.people import Team
from config.demo_data.results import BEFORE_DEPLETION, WORSENING, panel
from config.demo_data.stretches import days
from config.demo_data.walking import ADULT, SYNTHETIC, YOUNG, Walk
from patients.people import NewPatient
from terms.day_numbers import add_months


def walk_ward(team: Team, today: date) -> None:
    """Walk the ward's patients up to the day before `today`, the first one the latest to come."""
    ward = _Ward(team, today)
    ward.deceased()
    ward.in_follow_up()
    ward.held_for_ebv()
    ward.in_intensive_care()
    ward.infused()
    ward.in_lymphodepletion()
    ward.young()
    ward.bridging_on_hold()
    ward.declined()
    ward.over_target()
    ward.apheresis_booked()
    ward.before_the_meeting()
    ward.consent_missing()


def walk_to_the_bedside(team: Team, today: date) -> None:
    """One more patient for who tries the check of two people: thawed at midnight of `today`."""
    _Ward(team, today).at_the_bedside()


def walk_to_a_held_infusion(team: Team, today: date) -> None:
    """One more patient whose infusion has waited for fifteen days after lymphodepletion."""
    _Ward(team, today).infusion_held()


def walk_second_centre(team: Team, today: date) -> None:
    """Walk the two patients of the other centre."""
    first = _referred(
        team, days(today, -9), _person("Amato", "Franca", "1972-03-18", "80001"), None
    )
    stretches.enrolled(first, days(today, -6))
    first.at(days(today, -5)).move("eligibility", "assessing")
    person = _person("Basile", "Pietro", "1986-07-02", "80002", sex="male")
    stretches.consented(_referred(team, days(today, -2), person, None), days(today, -1))


class _Ward:
    """The patients of the first centre, each by where they stand. Days are counted from today."""

    def __init__(self, team: Team, today: date) -> None:
        self.team, self.today = team, today

    def on(self, day: int) -> date:
        """The date of a day counted from today."""
        return days(self.today, day)

    def consent_missing(self) -> None:
        """Referred three days ago; consent to the use of data is still to be had."""
        person = _person("Barbieri", "Nadia", "1979-02-11", "70100")
        walk = self._came(-3, person)
        on = self.on(-2)
        walk.at(on).number_put_right("70001")
        walk.entry("consent", kind="assessment", given=True, on=on.isoformat()).identified()

    def before_the_meeting(self) -> None:
        """On the meeting's list."""
        person = _person("Cattaneo", "Ugo", "1968-11-05", "70002", sex="male")
        walk = self._enrolled(-8, person, "physician2")
        walk.at(self.on(-7)).move("eligibility", "assessing")
        stretches.listed(walk, self.on(-2))
        walk.at(self.on(-1), 10).appointed("visit", self.on(1), 10, "Clinic 2")

    def over_target(self) -> None:
        """Nineteen days at eligibility."""
        walk = self._enrolled(-19, _person("De Santis", "Miriam", "1990-06-23", "70003"))
        walk.at(self.on(-17)).move("eligibility", "assessing")
        walk.at(self.on(-4)).hold(
            "eligibility", "CARDIAC", remark="Echocardiogram to be repeated.", review_on=self.on(1)
        )

    def apheresis_booked(self) -> None:
        """Collection in three days, vincristine given."""
        person = _person("Esposito", "Carlo", "1975-09-30", "70004", sex="male")
        walk = self._accepted(-13, person, "physician2")
        stretches.booked(walk, self.on(-8), self.on(3), "DEMO-104")
        stretches.contained(walk, self.on(-6))
        walk.at(self.on(-5)).appointed("apheresis", self.on(3), 9, "Apheresis unit")

    def bridging_on_hold(self) -> None:
        """The product is expected in nine days; inotuzumab waits for the end of SARS-CoV-2."""
        walk = self._collected(-14, _person("Ferraro", "Livia", "1983-01-14", "70005"), 105)
        stretches.in_manufacture(walk, self.on(-14), self.on(9))
        stretches.bridging_begun(walk, self.on(-10))
        reason = "Day-8 dose put off: SARS-CoV-2 infection with few symptoms."
        walk.at(self.on(-3)).move("bridging", "on_hold", reason=reason).put_off(
            "bridging", 2, self.on(4), "VIRAL_INFECTION_SARS_COV_2", reason, SYNTHETIC
        ).hold(
            "bridging",
            "VIRAL_INFECTION_SARS_COV_2",
            remark="Inotuzumab day 8",
            planned_on=self.on(-3),
            review_on=self.on(2),
        )

    def young(self) -> None:
        """A girl of eleven under the second protocol, the product in manufacture."""
        born = f"{self.today.year - 11}-01-21"
        walk = _referred(
            self.team, self.on(-27), _person("Neri", "Alice", born, "70013"), "physician", YOUNG
        )
        self._history(walk, self.on(-23))
        stretches.accepted(walk, self.on(-22), self.on(-19))
        stretches.booked(walk, self.on(-17), self.on(-12), "DEMO-113")
        stretches.collected(walk, self.on(-12), "A999926000113")
        stretches.in_manufacture(walk, self.on(-12), self.on(14))

    def held_for_ebv(self) -> None:
        """The product is on site; EBV holds lymphodepletion beyond the target."""
        person = _person("Gatti", "Renato", "1971-04-08", "70006", sex="male")
        walk = self._stored(-33, person, 106)
        walk.at(self.on(-7)).weight_put_right("86", "68", source=SYNTHETIC)
        walk.at(self.on(-6)).hold(
            "lymphodepletion",
            "VIRAL_REACTIVATION_EBV",
            managed_with="rituximab",
            planned_on=self.on(-2),
            review_on=self.on(2),
        ).appointed("lymphodepletion", self.on(8))

    def in_lymphodepletion(self) -> None:
        """Day -3: the second of three days of doses."""
        walk = self._stored(-31, _person("Leone", "Sonia", "1988-12-19", "70007"), 107)
        stretches.admitted(walk, self.on(3))
        stretches.depletion_begun(walk, self.on(3))
        walk.at(self.on(-1), 15).appointed("infusion", self.on(3), 11, "Haematology ward")

    def at_the_bedside(self) -> None:
        """Day 0, the product thawed and not yet checked."""
        person = _person("Fontana", "Elsa", "1982-09-09", "70014")
        walk = self._stored(-32, person, 114)
        stretches.admitted(walk, self.today)
        stretches.thawed(walk, self.today, hour=0)

    def infusion_held(self) -> None:
        """Lymphodepletion was given for a day 0 fifteen days ago, which a fever put off."""
        walk = self._stored(-47, _person("Galli", "Ettore", "1974-02-02", "70015", "male"), 115)
        stretches.admitted(walk, self.on(-15))
        stretches.depleted(walk, self.on(-15))
        walk.at(self.on(-15)).hold("infusion", "FEVER_UNEXPLAINED", planned_on=self.on(-15))
        on = self.on(-1).isoformat()  # weighed again, as whoever is prepared anew
        walk.at(self.on(-1)).entry(
            "lab", by="nurse", on=on, analyte="WEIGHT", value="68", unit="kg"
        )

    def infused(self) -> None:
        """Day +5 on the ward."""
        person = _person("Martini", "Bruno", "1965-08-27", "70008", sex="male")
        walk = self._infused(-5, person, 108)
        for day in range(5):
            walk.at(self.on(day - 5), 18).seen(crs=int(1 <= day <= 3))
        walk.at(self.on(-1), 22).seen(icans=1, remark="Slow, counts wrongly.")

    def in_intensive_care(self) -> None:
        """Day +9, in intensive care since the day before yesterday."""
        walk = self._infused(-9, _person("Pellegrini", "Ines", "1977-05-16", "70009"), 109)
        walk.at(self.on(-9), 17).counted(panel(BEFORE_DEPLETION), on=self.on(-14))
        for day in range(7):
            if day in WORSENING:
                walk.at(self.on(day - 9), 9).counted(panel(WORSENING[day]))
            walk.at(self.on(day - 9), 18).seen(crs=int(day >= 2), icans=2 * int(day >= 5))
        walk.at(self.on(-2), 8).pressed()
        walk.at(self.on(-2), 20).in_intensive_care()
        walk.at(self.on(-1), 9).counted(panel(WORSENING[8]))
        walk.at(self.on(-1), 18).pressed()

    def in_follow_up(self) -> None:
        """Month 3, two marrows done."""
        day_zero = add_months(self.today, -3)
        person = _person("Vitale", "Dario", "1993-10-03", "70010", sex="male")
        walk = self._infused((day_zero - self.today).days, person, 110)
        stretches.gone_home(walk, days(day_zero, 14))
        for month in range(2):
            stretches.marrow_negative(walk, add_months(days(day_zero, 28), month))
        walk.at(self.on(-3), 16).counted({"IGG": ("380", "mg/dL"), "CD19": ("0", "/uL")})
        walk.appointed("lumbar_puncture", self.on(6), 8, "Day hospital")
        walk.appointed("visit", self.on(2), 15).called_off("The patient asked for another week")

    def declined(self) -> None:
        """Not eligible at the meeting."""
        person = _person("Rinaldi", "Vito", "1958-03-29", "70011", sex="male")
        walk = self._enrolled(-26, person)
        walk.at(self.on(-25)).move("eligibility", "assessing")
        stretches.listed(walk, self.on(-19))
        reason = "Severe heart failure."
        walk.at(self.on(-18), 14).met("not_eligible", reason)
        walk.move("eligibility", "not_eligible", reason=reason)
        walk.advance("declined", reason=reason, exit_reason="not_eligible")

    def deceased(self) -> None:
        """Died of a relapse in follow-up."""
        walk = self._infused(-130, _person("Sartori", "Olga", "1969-07-21", "70012"), 112)
        stretches.gone_home(walk, self.on(-114))
        stretches.marrow_negative(walk, self.on(-102))
        walk.at(self.on(-60)).entry(
            "relapse",
            by="physician",
            on=self.on(-60).isoformat(),
            kind="haematological",
            after_infusion=True,
            marrow=True,
            cd19="negative",
            cd22="positive",
            method="flow",
        )
        walk.at(self.on(-38)).died("Relapse of leukaemia", category="disease")

    def _came(self, day: int, person: NewPatient, haematologist: str = "physician") -> Walk:
        return _referred(self.team, self.on(day), person, haematologist)

    def _enrolled(self, day: int, person: NewPatient, haematologist: str = "physician") -> Walk:
        return self._history(self._came(day - 4, person, haematologist), self.on(day))

    def _history(self, walk: Walk, enrolled_on: date) -> Walk:
        stretches.enrolled(walk, enrolled_on)
        year = self.today.year
        walk.entry("diagnosis", on=str(year - 2), disease="B-ALL", ph_status="negative")
        walk.entry("line", on=str(year - 2), treatment="GIMEMA LAL1913", response="CR")
        return walk.entry("antigen", on="", antigen="CD19", positive=True)

    def _accepted(self, day: int, person: NewPatient, haematologist: str = "physician") -> Walk:
        walk = self._enrolled(day, person, haematologist)
        stretches.accepted(walk, self.on(day + 1), self.on(day + 4))
        return walk

    def _collected(self, day: int, person: NewPatient, order: int) -> Walk:
        walk = self._accepted(day - 10, person)
        stretches.booked(walk, self.on(day - 5), self.on(day), f"DEMO-{order}")
        stretches.collected(walk, self.on(day), f"A999926{order:06d}")
        return walk

    def _stored(self, day: int, person: NewPatient, order: int) -> Walk:
        """Collected on `day`, bridged, and the product on site nineteen days later."""
        walk = self._collected(day, person, order)
        stretches.in_manufacture(walk, self.on(day), self.on(day + 19))
        stretches.bridging_begun(walk, self.on(day + 4))
        walk.at(self.on(day + 11), 11).give("bridging", 2)
        walk.at(self.on(day + 12)).withhold("bridging", 3, "Two doses were enough")
        walk.move("bridging", "closed", response="stable")
        stretches.stored(walk, self.on(day + 17), f"DEMO-LOT-{order}")
        place = f"Tank 2, rack {order % 9} (demo)"
        walk.handed(
            "tank_move",
            "celllab",
            "pharmacist",
            place=place,
            temperature="cryogenic",
            celsius="-160",
        )
        return walk

    def _infused(self, day: int, person: NewPatient, order: int) -> Walk:
        walk = self._stored(day - 32, person, order)
        stretches.admitted(walk, self.on(day))
        stretches.infused(walk, self.on(day))
        return walk


def _referred(
    team: Team,
    on: date,
    person: NewPatient,
    haematologist: str | None,
    protocol_code: str = ADULT,
) -> Walk:
    walk = Walk(team, on)
    coordinator = "coordinator" if haematologist else "coordinator2"
    return walk.refer(person, coordinator, haematologist, protocol_code)


def _person(
    family_name: str, given_name: str, born: str, number: str, sex: str = "female"
) -> NewPatient:
    return NewPatient(
        family_name=family_name,
        given_name=given_name,
        birth_date=date.fromisoformat(born),
        sex=sex,
        identifiers=(("Hospital number", number),),
        referring_hospital="Ospedale di provincia (demo)",
    )

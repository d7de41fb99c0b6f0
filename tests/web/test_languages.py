"""Both languages: no page, form, refusal or answer of the API leaves English among the Italian."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest
import time_machine
from django.core.cache import cache
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from accounts.models import User
from accounts.wording import in_words
from config.messages import ROOT, catalogue_path, read_catalogue
from config.templatetags import percorso
from patients.charting import add_entry
from patients.holds import open_hold
from patients.models import Course
from terms.refusals import Refusal
from tests.conftest import NOW, Refer, UserWith
from tests.walking import Walk

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
ENGLISH = re.compile(
    r"\b(the|of|is|and|are|has|have|with|this|from|not|was|were|must|by|for|your|you|to|at"
    r"|day|days|hold|stage|since|reason|other)\b"
)
OWN_NAME = {"English"}  # a language is offered in its own words
CATALOGUE = [message for message in read_catalogue(catalogue_path(ROOT, "it")) if message.id]


def _each(text: str | Iterable[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


ITALIAN_WORDS = {text for message in CATALOGUE for text in _each(message.string)}
ENGLISH_WORDS = {text for message in CATALOGUE for text in _each(message.id)} - ITALIAN_WORDS


class _Texts(HTMLParser):
    """Gathers what a reader sees or hears: text, names of controls, titles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {"aria-label", "title", "placeholder", "alt"}
        self.found += [value for name, value in attrs if name in named and value]

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.found.append(text)


def texts(html: str) -> list[str]:
    """The texts of a page in their order."""
    parser = _Texts()
    parser.feed(html)
    return parser.found


def left_in_english(html: str) -> set[str]:
    """Texts that are an English msgid, or have English words in them."""
    return {
        text
        for text in texts(html)
        if text not in OWN_NAME and (text in ENGLISH_WORDS or ENGLISH.search(text))
    }


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages are read half an hour after the tests' now."""
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def italian() -> Client:
    """A browser that asks for Italian."""
    return Client(headers={"accept-language": "it"})


@pytest.fixture
def everyone(user_with: UserWith) -> User:
    """Somebody who may do everything."""
    return user_with(
        *("coordinator", "haematologist", "ward_nurse", "apheresis_nurse", "cell_lab"),
        *("pharmacist", "quality", "centre_admin"),
    )


@pytest.fixture
def followed(refer_patient: Refer, everyone: User) -> Course:
    """A course in follow-up, with results and an open hold."""
    course = refer_patient(everyone, referred_on=date(2026, 9, 1), referring_physician="Dr. Prova")
    walk = Walk(course, everyone)
    walk.to_follow_up().until(23)
    walk.note("lab", on="2026-11-02", analyte="HB", value="9,8", unit="g/dL")
    walk.note("marrow", on="2026-11-10", blasts_percent="0,5", remission="cr", mrd="negative")
    walk.note("diagnosis", on="2024-05", disease="LLA-B", risk="high", ph_status="negative")
    walk.note("relapse", on="2026-02", kind="haematological", extramedullary=True)
    walk.note("antigen", on="2026-02", antigen="CD22", positive=False)
    open_hold(
        course_id=course.pk,
        step="lymphodepletion",
        reason_code="PERSONAL",
        began_on=date(2026, 11, 11),
        actor=everyone,
        now=NOW,
    )
    return course


# --- pages


def test_language_comes_from_the_browser_and_then_from_the_choice(client: Client) -> None:
    url = reverse("about")
    assert '<html lang="it"' in client.get(url, headers={"accept-language": "it-IT"}).text
    client.post(reverse("set_language"), {"language": "en", "next": url})
    assert '<html lang="en"' in client.get(url, headers={"accept-language": "it-IT"}).text


@pytest.mark.parametrize("name", ["about", "account_login", "account_inactive"])
def test_page_for_anybody_has_no_english(italian: Client, name: str) -> None:
    assert left_in_english(italian.get(reverse(name)).text) == set()


def test_pages_of_somebody_at_work_have_italian_words_dates_and_numbers_only(
    italian: Client, everyone: User, followed: Course
) -> None:
    italian.force_login(everyone)
    urls = [
        reverse("board"),
        reverse("board") + "?view=table",
        reverse("course", args=[followed.pk]),
        reverse("patient_list"),
        reverse("patient_list") + "?search=nessuno",
        reverse("permissions_table"),
        reverse("user_list"),
        reverse("user", args=[everyone.pk]),
        reverse("components"),
        reverse("account_reauthenticate"),
        reverse("account_logout"),
        "/no-such-page/",
    ]
    pages = {url: italian.get(url).text for url in urls}
    left = {url: left_in_english(html) for url, html in pages.items()}
    assert {url: found for url, found in left.items() if found} == {}
    board, course = (" | ".join(texts(pages[url])) for url in (urls[0], urls[2]))
    for words in ("situazione al 12-nov-2026 11:00", "Produzione e terapia bridge", "G+23"):
        assert words in board
    for words in ("20-ott-2026", "98 g/L", "0,5 %", "RC); MRD negativa", "extramidollare"):
        assert words in course
    assert not re.search(r"-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-", board + course)
    assert not re.search(r"\d\.\d+ (g/L|%)", course)
    assert "1 paziente" in texts(pages[reverse("patient_list")])
    assert "0 pazienti" in texts(pages[reverse("patient_list") + "?search=nessuno"])


def test_forms_and_their_errors_have_no_english(
    italian: Client, everyone: User, followed: Course
) -> None:
    italian.force_login(everyone)
    pk, patient = followed.pk, followed.patient_id
    kinds = ("consent", "diagnosis", "line", "transplant", "relapse", "antigen")
    urls = [
        reverse("patient_new"),
        reverse("course_new", args=[patient]),
        reverse("patient_edit", args=[patient]),
        reverse("identifier_new", args=[patient]),
        reverse("identity_verify", args=[patient]),
        reverse("death_record", args=[patient]),
        reverse("hold_new", args=[pk]),
        reverse("hold_end", args=[followed.holds.latest("pk").pk]),
        reverse("stay_admit", args=[pk]),
        reverse("anchor_plan", args=[pk]),
        reverse("responsible_set", args=[pk]),
        reverse("move", args=[pk, "completed"]),
        reverse("user_new"),
        *(
            reverse("chart_entry_new", args=[pk, kind])
            for kind in (*kinds, "comorbidity", "lab", "marrow", "note")
        ),
    ]
    left = {}
    for url in urls:
        empty, refused = italian.get(url), italian.post(url, {"expected_version": followed.version})
        assert empty.status_code == 200, url
        left[url] = left_in_english(empty.text)
        if refused.status_code != 302:
            left[url] |= left_in_english(refused.text)
    assert {url: found for url, found in left.items() if found} == {}


# --- what is refused


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Questo campo è obbligatorio."),
        ({"login": "anna", "password": "sbagliata"}, "non sono corretti"),
    ],
)
def test_sign_in_says_in_italian_what_is_wrong(
    italian: Client, typed: dict[str, str], said: str
) -> None:
    html = italian.post(reverse("account_login"), typed).text
    assert any(said in text for text in texts(html)), texts(html)
    assert left_in_english(html) == set()


def test_too_many_tries_are_refused_in_italian(italian: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "1/m/key"}
    typed = {"login": "anna", "password": "sbagliata"}
    for _ in range(2):
        html = italian.post(reverse("account_login"), typed).text
    assert left_in_english(html) == set()
    assert any("Troppi" in text for text in texts(html)), texts(html)


def test_password_change_names_the_sites_own_length_in_italian(
    italian: Client, coordinator: User
) -> None:
    coordinator.set_password("una frase abbastanza lunga")
    coordinator.save()
    italian.force_login(coordinator)
    url = reverse("account_change_password")
    assert any("12 caratteri" in text for text in texts(italian.get(url).text))
    typed = {"oldpassword": "sbagliata", "password1": "corta", "password2": "diversa"}
    html = italian.post(url, typed).text
    assert left_in_english(html) == set()
    assert any("almeno 12 caratteri" in text for text in texts(html)), texts(html)


def test_forbidden_page_names_in_italian_who_may(
    italian: Client, user_with: UserWith, course: Course
) -> None:
    italian.force_login(user_with("data_manager"))
    response = italian.get(reverse("hold_new", args=[course.pk]))
    assert response.status_code == 403
    assert left_in_english(response.text) == set()
    assert "Coordinatore/trice CAR-T" in response.text


def test_refused_move_keeps_its_reasons_in_italian(
    italian: Client, user_with: UserWith, course: Course
) -> None:
    italian.force_login(user_with("coordinator"))
    url = reverse("move", args=[course.pk, "eligibility"])
    typed = {"expected_version": course.version, "happened_at": "12-nov-2026 10:00"}
    html = italian.post(url, typed).text
    said = " ".join(texts(html))
    assert "Consenso non registrato: Valutazione per il trattamento con CAR-T" in said
    assert left_in_english(html) == set()


def test_api_answers_in_italian_with_the_same_codes(
    italian: Client, user_with: UserWith, course: Course
) -> None:
    italian.force_login(user_with("coordinator"))
    url = f"/api/v1/courses/{course.pk}/moves/"
    body = {
        "target": "eligibility",
        "happened_at": "2026-11-12T09:00:00Z",
        "expected_version": course.version,
    }
    answer = italian.post(url, body, content_type="application/json").json()
    reasons = {reason["code"]: reason["message"] for reason in answer["reasons"]}
    assert reasons["identity_not_verified"] == (
        "L'identità del paziente non è verificata con due identificativi."
    )
    assert not any(ENGLISH.search(message) for message in reasons.values())


# --- numbers


def test_places_of_a_refusal_are_filled_as_the_language_writes_them() -> None:
    refusal = Refusal(
        code="impossible",
        message="This must be from %(low)s to %(high)s.",
        params={"low": Decimal("38.5"), "high": date(2026, 11, 12)},
    )
    with translation.override("it"):
        assert in_words(refusal) == "Deve essere fra 38,5 e 12-nov-2026."
    with translation.override("en"):
        assert in_words(refusal) == "This must be from 38.5 to 12-Nov-2026."


def test_impossible_value_is_told_with_a_decimal_comma(
    italian: Client, everyone: User, course: Course
) -> None:
    italian.force_login(everyone)
    typed = {"on": "10-nov-2026", "analyte": "CREATININE", "value": "0,9", "unit": "umol/L"}
    html = italian.post(reverse("chart_entry_new", args=[course.pk, "lab"]), typed).text
    assert any(
        "0,9 µmol/L non è possibile. È stato misurato in mg/dL?" in text for text in texts(html)
    )
    assert course.labresults.count() == 0


@pytest.mark.parametrize(
    ("number", "long", "short", "day"),
    [(1, "1 giorno", "1 g", "G+1"), (2, "2 giorni", "2 g", "G+2"), (0, "0 giorni", "0 g", "G0")],
)
def test_days_are_counted_in_italian(number: int, long: str, short: str, day: str) -> None:
    with translation.override("it"):
        assert percorso.days_count(number) == long
        assert percorso.days_short(number) == short
        assert percorso.day_number(number) == day


@pytest.mark.parametrize(
    ("rest", "said"), [(1, "un altro in follow-up"), (12, "altri 12 in follow-up")]
)
def test_what_is_left_over_is_counted_in_italian(rest: int, said: str) -> None:
    template = Template(
        "{% blocktranslate trimmed count rest=rest %}{{ rest }} more in follow-up{% plural %}"
        "{{ rest }} more in follow-up{% endblocktranslate %}"
    )
    with translation.override("it"):
        assert template.render(Context({"rest": rest})) == said


def test_chart_takes_an_italian_month(everyone: User, course: Course) -> None:
    add_entry(
        course_id=course.pk,
        kind="comorbidity",
        values={"on": "14-gen-2021", "description": "ipertensione"},
        actor=everyone,
        now=NOW,
    )
    assert course.comorbiditys.get().on == "2021-01-14"

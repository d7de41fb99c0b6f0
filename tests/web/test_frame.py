"""What surrounds every page: theme, language, navigation, DEMO stripe, menus, fields, errors."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Centre, Membership, User
from config.context import frame
from tests.conftest import NOW, UserWith

TEMPLATES = Path(settings.BASE_DIR) / "templates"
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE
)


def page(client: Client, url: str = "") -> str:
    """The about page, which has the frame and nothing else."""
    return client.get(url or reverse("about")).content.decode()


@pytest.mark.parametrize(
    ("cookie", "theme"), [("", "auto"), ("night", "night"), ("light", "light"), ("pink", "auto")]
)
def test_theme_comes_from_the_cookie_when_it_is_one_of_ours(
    client: Client, cookie: str, theme: str
) -> None:
    client.cookies["percorso_theme"] = cookie
    assert f'data-theme="{theme}"' in page(client)


def test_theme_form_sets_the_cookie_and_returns_to_its_page(client: Client) -> None:
    response = client.post(reverse("set_theme"), {"theme": "night", "next": "/about/?x=1"})
    assert (response.status_code, response["Location"]) == (302, "/about/?x=1")
    assert response.cookies["percorso_theme"].value == "night"


def test_theme_form_neither_leaves_the_site_nor_keeps_an_unknown_theme(client: Client) -> None:
    response = client.post(reverse("set_theme"), {"theme": "pink", "next": "https://evil.example/"})
    assert response["Location"] == "/"
    assert "percorso_theme" not in response.cookies


def test_theme_is_not_set_by_a_link(client: Client) -> None:
    assert client.get(reverse("set_theme"), {"theme": "night"}).status_code == 405


@pytest.mark.parametrize("language", ["en", "it"])
def test_page_says_its_language(client: Client, language: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert f'<html lang="{language}"' in page(client)


def test_skip_link_is_the_first_link_and_leads_to_main(client: Client) -> None:
    html = page(client)
    first_link = re.search(r"<a [^>]*href=\"([^\"]+)\"", html)
    assert first_link is not None
    assert first_link[1] == "#main"
    assert 'id="main"' in html


def test_demo_stripe_is_on_every_page_of_the_demo_only(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert "demo-stripe" in page(client)
    settings.DEMO = False
    assert "demo-stripe" not in page(client)


def test_footer_says_that_it_does_not_decide(client: Client) -> None:
    assert "it does not decide, order or time treatment. Not a medical device." in page(client)


def test_nobody_signed_in_sees_no_navigation_and_no_idle_warning(client: Client) -> None:
    html = page(client)
    assert 'class="nav"' not in html
    assert "idle-warning" not in html


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ("coordinator", ["board", "patient_list"], ["user_list"]),
        ("centre_admin", ["board", "user_list"], []),
    ],
)
def test_navigation_shows_what_the_role_may_open(
    client: Client, user_with: UserWith, role: str, shown: list[str], hidden: list[str]
) -> None:
    client.force_login(user_with(role))
    nav = page(client).split('class="nav"')[1].split("</nav>")[0]
    assert all(f'href="{reverse(name)}"' in nav for name in shown)
    assert not any(f'href="{reverse(name)}"' in nav for name in hidden)


def test_navigation_marks_the_page_one_is_on(
    client: Client, coordinator: User, rf: RequestFactory
) -> None:
    request = rf.get(reverse("patient_list"))
    request.user = coordinator
    current = [item.url for item in frame(request)["frame"].nav if item.current]
    assert current == [reverse("patient_list")]


def test_user_menu_names_person_roles_and_centre(client: Client, user_with: UserWith) -> None:
    client.force_login(user_with("haematologist", "quality"))
    html = page(client)
    assert "Rita Verdi" in html
    assert "Haematologist, Quality" in html
    assert "Niguarda" in html
    assert reverse("switch_centre") not in html
    assert f'data-minutes="{settings.IDLE_MINUTES}"' in html


def test_centre_switch_is_there_for_who_works_at_several(
    client: Client, coordinator: User, other_centre: Centre
) -> None:
    Membership.objects.create(
        user=coordinator, centre=other_centre, role="quality", granted_at=NOW, granted_by="test"
    )
    client.force_login(coordinator)
    html = page(client)
    assert reverse("switch_centre") in html
    assert "Pavia" in html


def test_frame_costs_three_queries(
    coordinator: User,
    rf: RequestFactory,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    request = rf.get("/")
    request.user = User.objects.get(pk=coordinator.pk)
    with django_assert_num_queries(3):
        frame(request)


def test_no_template_holds_inline_script_or_style() -> None:
    found = {
        str(path.relative_to(TEMPLATES)): INLINE.findall(text)
        for path in TEMPLATES.rglob("*.html")
        if INLINE.search(text := path.read_text())
    }
    assert found == {}


def test_fault_page_needs_neither_request_nor_database() -> None:
    html = render_to_string("500.html")
    assert "Something broke" in html


def test_unknown_page_is_told_within_the_frame(client: Client) -> None:
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "another centre" in response.content.decode()


class _Form(forms.Form):
    ferritin = forms.CharField(
        widget=forms.TextInput(attrs={"data-unit": "ng/mL"}), help_text="Last 812"
    )
    note = forms.CharField(required=False)
    consent = forms.ChoiceField(choices=[("y", "Yes")], widget=forms.RadioSelect)


def test_field_is_described_by_unit_help_and_error() -> None:
    html = _Form({}).as_div()
    described = re.search(r'id="id_ferritin"[^>]*aria-describedby="([^"]+)"', html) or re.search(
        r'aria-describedby="([^"]+)"[^>]*id="id_ferritin"', html
    )
    assert described is not None
    assert described[1].split() == [
        "id_ferritin_unit",
        "id_ferritin_helptext",
        "id_ferritin_error",
    ]
    assert all(f'id="{part}"' in html for part in described[1].split())


def test_optional_fields_say_so_and_required_ones_do_not() -> None:
    assert _Form().as_div().count("(optional)") == 1


def test_group_of_choices_has_a_legend_and_no_preset_answer() -> None:
    html = _Form().as_div()
    assert "<legend>Consent" in html
    assert "checked" not in html


def test_components_page_is_not_there_outside_the_demo(client: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert client.get(reverse("components")).status_code == 404

"""The page that reads a donation number."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User


@pytest.fixture
def page(coordinator: User) -> Client:
    """Somebody's browser."""
    client = Client()
    client.force_login(coordinator)
    return client


def read(page: Client, din: str) -> tuple[int, str]:
    """The answer to a scanned text."""
    answer = page.post(reverse("isbt_din"), {"din": din})
    return answer.status_code, answer.content.decode()


def test_a_scan_with_its_enter_is_read(page: Client) -> None:
    status, text = read(page, "=A99992612345689\r\n")
    assert status == 200
    assert "This is a donation number" in text
    assert "89 · Check of the number" in text
    assert "came without a check" not in text


def test_a_number_without_a_check_is_not_called_checked(page: Client) -> None:
    assert "came without a check" in read(page, "A999926123456")[1]


def test_a_wrong_number_says_why_and_shows_no_better_one(page: Client) -> None:
    status, text = read(page, "G123498654321G")
    assert status == 200
    assert "This is no valid donation number" in text
    assert "check character G does not fit" in text
    assert "<dd>H</dd>" not in text


def test_nothing_scanned_is_said(page: Client) -> None:
    assert read(page, "")[0] == 422
    assert page.get(reverse("isbt_din")).status_code == 200

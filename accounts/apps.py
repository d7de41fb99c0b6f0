"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, centres, roles and sign-in."""

    name = "accounts"

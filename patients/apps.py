"""The chart as a Django app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """Patients, courses and everything dated about them."""

    name = "patients"

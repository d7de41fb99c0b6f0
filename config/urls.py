"""Every address of the site; tests/web/access_matrix names who gets what from each."""

from django.urls import include, path
from django.views.i18n import set_language

from config import about, health, theme

handler500 = "config.errors.crash"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("theme/", theme.set_theme, name="set_theme"),
    path("about/", about.about, name="about"),
    path("accounts/", include("accounts.urls")),
    path("api/v1/", include("config.api")),
    path("", include("desk.urls")),
    path("", include("patients.urls")),
    path("", include("toxicity.urls")),
    path("", include("toxicity.bedside.urls")),
    path("", include("pathway.urls")),
    path("", include("protocol.urls")),
    path("", include("exports.urls")),
    path("", include("reminders.urls")),
    path("", include("reminders.calendar_urls")),
]

"""Addresses of the bedside's pages."""

from django.urls import path

from toxicity.bedside import check_views, day_views, ice_views, iec_hs_views, review_views, views

urlpatterns = [
    path("courses/<int:pk>/bedside/new/", views.check_new, name="check_new"),
    path("courses/<int:pk>/bedside/preview/", views.check_preview, name="check_preview"),
    path("courses/<int:pk>/bedside/ice/", ice_views.check_ice, name="check_ice"),
    path("courses/<int:pk>/bedside/iec-hs/new/", iec_hs_views.iec_hs_new, name="iec_hs_new"),
    path(
        "courses/<int:pk>/bedside/iec-hs/preview/",
        iec_hs_views.iec_hs_preview,
        name="iec_hs_preview",
    ),
    path(
        "courses/<int:pk>/bedside/<int:check>/iec-hs/",
        iec_hs_views.iec_hs_correct,
        name="iec_hs_correct",
    ),
    path("courses/<int:pk>/bedside/days/<str:on>/", day_views.check_day, name="check_day"),
    path("courses/<int:pk>/bedside/<int:check>/", check_views.check_page, name="check"),
    path(
        "courses/<int:pk>/bedside/<int:check>/escalation/",
        check_views.check_escalation,
        name="check_escalation",
    ),
    path(
        "courses/<int:pk>/bedside/<int:check>/correct/",
        check_views.check_correct,
        name="check_correct",
    ),
    path(
        "courses/<int:pk>/bedside/<int:check>/withdraw/",
        check_views.check_withdraw,
        name="check_withdraw",
    ),
    path(
        "courses/<int:pk>/bedside/<int:check>/review/<str:scale>/",
        review_views.check_review,
        name="check_review",
    ),
]

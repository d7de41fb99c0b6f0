"""Addresses of the pages of toxicity."""

from django.urls import path

from toxicity import calculator_views, flowsheet_views, score_views
from toxicity import given_views as given
from toxicity.calculators.scales import SCALES

urlpatterns = [
    path("calculators/", calculator_views.calculators, name="calculators"),
    *(
        path(
            f"calculators/{scale}/",
            calculator_views.calculator,
            {"scale": scale},
            name=f"calculator_{scale}",
        )
        for scale in SCALES
    ),
    path("courses/<int:pk>/flowsheet/", flowsheet_views.flowsheet, name="flowsheet"),
    path("courses/<int:pk>/scores/", score_views.scores, name="scores"),
    path("courses/<int:pk>/toxicity/given/", given.given_list, name="given_list"),
    path("courses/<int:pk>/toxicity/treatments/new/", given.treatment_new, name="treatment_new"),
    path(
        "courses/<int:pk>/toxicity/treatments/<int:treatment>/correct/",
        given.treatment_correct,
        name="treatment_correct",
    ),
    path(
        "courses/<int:pk>/toxicity/treatments/<int:treatment>/withdraw/",
        given.treatment_withdraw,
        name="treatment_withdraw",
    ),
    path(
        "courses/<int:pk>/toxicity/treatments/<int:treatment>/bring-back/",
        given.treatment_bring_back,
        name="treatment_bring_back",
    ),
    path(
        "courses/<int:pk>/toxicity/infections/<int:infection>/bring-back/",
        given.infection_bring_back,
        name="infection_bring_back",
    ),
    path("courses/<int:pk>/toxicity/infections/new/", given.infection_new, name="infection_new"),
    path(
        "courses/<int:pk>/toxicity/infections/<int:infection>/end/",
        given.infection_end,
        name="infection_end",
    ),
    path(
        "courses/<int:pk>/toxicity/infections/<int:infection>/correct/",
        given.infection_correct,
        name="infection_correct",
    ),
    path(
        "courses/<int:pk>/toxicity/infections/<int:infection>/withdraw/",
        given.infection_withdraw,
        name="infection_withdraw",
    ),
]

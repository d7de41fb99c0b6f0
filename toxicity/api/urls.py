"""Addresses of the scales in the API, under /api/v1/."""

from django.urls import path

from toxicity.api import assessments as a
from toxicity.api import calculators as c
from toxicity.api import flowsheet as f
from toxicity.api import given as g
from toxicity.api import scores as s

urlpatterns = [
    path("calculators/crs/", c.CrsView.as_view(), name="api_crs"),
    path("calculators/icans/", c.IcansView.as_view(), name="api_icans"),
    path("calculators/iec-hs/", c.IecHsView.as_view(), name="api_iec_hs"),
    path("calculators/icaht/", c.IcahtView.as_view(), name="api_icaht"),
    path("calculators/t-icaht/", c.TIcahtView.as_view(), name="api_t_icaht"),
    path("calculators/car-hematotox/", c.CarHematotoxView.as_view(), name="api_car_hematotox"),
    path("calculators/easix/", c.EasixView.as_view(), name="api_easix"),
    path("calculators/b-cell-aplasia/", c.BCellAplasiaView.as_view(), name="api_b_cell_aplasia"),
    path("courses/<int:pk>/assessments/", a.AssessmentsView.as_view(), name="api_assessments"),
    path(
        "courses/<int:pk>/assessments/<int:assessment>/corrections/",
        a.CorrectionView.as_view(),
        name="api_assessment_correct",
    ),
    path(
        "courses/<int:pk>/assessments/<int:assessment>/withdrawal/",
        a.WithdrawalView.as_view(),
        name="api_assessment_withdraw",
    ),
    path("grades/<int:pk>/reviews/", a.ReviewView.as_view(), name="api_grade_review"),
    path("courses/<int:pk>/episodes/", a.EpisodesView.as_view(), name="api_episodes"),
    path("courses/<int:pk>/flowsheet/", f.FlowsheetView.as_view(), name="api_flowsheet"),
    path("courses/<int:pk>/scores/", s.ScoresView.as_view(), name="api_scores"),
    path("courses/<int:pk>/treatments/", g.TreatmentsView.as_view(), name="api_treatments"),
    path(
        "courses/<int:pk>/treatments/<int:treatment>/corrections/",
        g.TreatmentCorrectionView.as_view(),
        name="api_treatment_correct",
    ),
    path(
        "courses/<int:pk>/treatments/<int:treatment>/withdrawal/",
        g.TreatmentWithdrawalView.as_view(),
        name="api_treatment_withdraw",
    ),
    path(
        "courses/<int:pk>/treatments/<int:treatment>/restoration/",
        g.TreatmentRestorationView.as_view(),
        name="api_treatment_bring_back",
    ),
    path(
        "courses/<int:pk>/infections/<int:infection>/restoration/",
        g.InfectionRestorationView.as_view(),
        name="api_infection_bring_back",
    ),
    path("courses/<int:pk>/infections/", g.InfectionsView.as_view(), name="api_infections"),
    path(
        "courses/<int:pk>/infections/<int:infection>/end/",
        g.InfectionEndView.as_view(),
        name="api_infection_end",
    ),
    path(
        "courses/<int:pk>/infections/<int:infection>/corrections/",
        g.InfectionCorrectionView.as_view(),
        name="api_infection_correct",
    ),
    path(
        "courses/<int:pk>/infections/<int:infection>/withdrawal/",
        g.InfectionWithdrawalView.as_view(),
        name="api_infection_withdraw",
    ),
]

"""Addresses of the scales in the API, under /api/v1/."""

from django.urls import path

from toxicity.api import assessments as a
from toxicity.api import calculators as c

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
]

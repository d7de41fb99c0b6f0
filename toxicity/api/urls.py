"""Addresses of the scales in the API, under /api/v1/."""

from django.urls import path

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
]

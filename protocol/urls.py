"""Addresses of the pages of protocols."""

from django.urls import path

from protocol import views

urlpatterns = [
    path("protocols/", views.protocol_list, name="protocol_list"),
    path("protocols/load/", views.protocol_load, name="protocol_load"),
    path("protocols/<int:pk>/", views.protocol_version, name="protocol_version"),
    path("protocols/<int:pk>/publish/", views.protocol_publish, name="protocol_publish"),
    path("protocols/<int:pk>/to/<int:other>/", views.protocol_compare, name="protocol_compare"),
]

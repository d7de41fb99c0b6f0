"""The site's addresses and one more: the trivial view that the pages are compared with."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path

from accounts.requests import SignedInRequest
from config.urls import urlpatterns as site
from patients.models import Course


@login_required
def trivial(request: SignedInRequest, pk: int) -> HttpResponse:
    """One indexed query and its answer, behind the same middleware and sign-in as every page."""
    return HttpResponse(Course.objects.only("code").get(pk=pk).code)


urlpatterns = [path("bench/trivial/<int:pk>/", trivial, name="trivial"), *site]

"""The site's addresses and two more: the trivial views that pages and writes are compared with."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from accounts.requests import SignedInRequest
from config.urls import urlpatterns as site
from patients.models import Course, CourseNote


@login_required
def trivial(request: SignedInRequest, pk: int) -> HttpResponse:
    """One indexed query and its answer, behind the same middleware and sign-in as every page."""
    return HttpResponse(Course.objects.only("code").get(pk=pk).code)


@login_required
def trivial_insert(request: SignedInRequest, pk: int) -> HttpResponse:
    """One row inserted, behind the same middleware and sign-in as every write."""
    CourseNote.objects.create(
        course_id=pk, text="-", recorded_at=timezone.now(), recorded_by=request.user.username
    )
    return HttpResponse(status=201)


urlpatterns = [
    path("bench/insert/<int:pk>/", trivial_insert, name="trivial_insert"),
    path("bench/trivial/<int:pk>/", trivial, name="trivial"),
    *site,
]

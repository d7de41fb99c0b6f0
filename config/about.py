"""What the site is and is not."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def about(request: HttpRequest) -> HttpResponse:
    """Intended use, version, licence; open to everybody."""
    return render(request, "about.html")

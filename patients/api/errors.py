"""What was entered in error, in the API: marking, listing, bringing back."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, StrictInput, WordsField, actor_of
from accounts.permissions import Permission
from patients.mistaken import mark_course, mark_patient, marks_of, undo_mark
from patients.models import ErrorMark
from patients.selectors import course_or_404, patient_or_404


class ErrorIn(StrictInput):
    """Why, and the patient's family name to confirm."""

    reason = WordsField(max_length=2000)
    confirmation = WordsField(max_length=100)


class UndoIn(StrictInput):
    """Why it is brought back."""

    reason = WordsField(max_length=2000)


class ErrorMarkOut(serializers.ModelSerializer[ErrorMark]):
    """A mark; `course` is null when it hides the patient with every course."""

    class Meta:
        model = ErrorMark
        fields = (
            "id", "patient", "course", "reason", "marked_at", "marked_by",
            "undone_at", "undone_by", "undone_reason",
        )  # fmt: skip


class CourseErrorView(ApiView):
    """The mark of a course."""

    @writing("Mark a course as entered in error", ErrorIn, ErrorMarkOut)
    def post(self, request: Request, pk: int) -> Response:
        """Hide a course everywhere; the audit keeps it."""
        course_or_404(self.actor, pk)
        values = self.received(ErrorIn)
        mark = mark_course(course_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(ErrorMarkOut(mark).data, status=201)


class PatientErrorView(ApiView):
    """The mark of a patient."""

    @writing("Mark a patient as entered in error", ErrorIn, ErrorMarkOut)
    def post(self, request: Request, pk: int) -> Response:
        """Hide a patient and every course everywhere; the audit keeps them."""
        patient_or_404(self.actor, pk)
        values = self.received(ErrorIn)
        mark = mark_patient(patient_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(ErrorMarkOut(mark).data, status=201)


class ErrorsView(ListAPIView[ErrorMark]):
    """Marks of the centre."""

    serializer_class = ErrorMarkOut
    queryset = ErrorMark.objects.none()

    @reading("List what was entered in error")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the marks, the latest first."""
        actor = actor_of(request)
        require(actor, Permission.UNDO_ERROR)
        page = self.paginate_queryset(marks_of(actor)) or []
        return self.get_paginated_response(ErrorMarkOut(page, many=True).data)


class ErrorUndoView(ApiView):
    """The undo of a mark."""

    @writing("Bring back what was marked by mistake", UndoIn, ErrorMarkOut)
    def post(self, request: Request, pk: int) -> Response:
        """Bring back exactly what a mark hid."""
        require(self.actor, Permission.UNDO_ERROR)
        marks_of(self.actor).get(pk=pk)
        values = self.received(UndoIn)
        mark = undo_mark(mark_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(ErrorMarkOut(mark).data, status=201)

"""The chain of custody in the API: its entries, a new one, a witness, a deviation."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading, writing
from accounts.api_requests import (
    ApiView,
    MomentField,
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    body_of,
    read,
)
from accounts.permissions import Permission
from accounts.signing_again import sign_in_again
from pathway.custody import LONGEST_NUMBER, number_entry, witness_entry, write_entry
from pathway.custody_selectors import Chain, chain_of, entry_of
from pathway.domain.custody import (
    ACT_NAMES,
    CONDITIONS,
    STOPPING,
    TEMPERATURES,
    TEXTS,
    WRITTEN_BY,
    Act,
)
from pathway.identity_selectors import product_of
from pathway.models import CustodyEntry
from patients.reading import note_chart_read
from patients.selectors import course_or_404

FAULTS = [
    *(code for codes in STOPPING.values() for code in codes),
    Act.EXCURSION.value,
    Act.NOT_ACCEPTED.value,
]


class CustodyIn(StrictInput):
    """An entry written by hand; what it cannot do without depends on the act."""

    act = WordsField(max_length=12, help_text=", ".join(f"`{act}`" for act in WRITTEN_BY))
    at = MomentField()
    handed_from = TextField(TEXTS["handed_from"])
    handed_to = TextField(TEXTS["handed_to"])
    place = TextField(TEXTS["place"])
    temperature = TextField(12)
    celsius = TextField(8)  # degrees as the thermometer shows them, such as -152
    condition = TextField(8)
    seal = TextField(TEXTS["seal"])
    remark = TextField(TEXTS["remark"])
    password = WordsField(max_length=1024, trim_whitespace=False)


class WitnessIn(StrictInput):
    """The witness's password."""

    password = WordsField(max_length=1024, trim_whitespace=False)


class CustodyDeviationIn(StrictInput):
    """The hospital's number of a deviation."""

    number = WordsField(max_length=LONGEST_NUMBER)


class CustodyOut(serializers.Serializer[Any]):
    """An entry of the chain. Empty texts were not recorded."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    act = serializers.ChoiceField(choices=list(ACT_NAMES))
    at = serializers.DateTimeField()
    handed_from = serializers.CharField()
    handed_to = serializers.CharField()
    place = serializers.CharField()
    temperature = serializers.ChoiceField(choices=["", *TEMPERATURES])
    celsius = serializers.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    condition = serializers.ChoiceField(choices=["", *CONDITIONS])
    seal = serializers.CharField()
    remark = serializers.CharField()
    signer = serializers.CharField()
    witness = serializers.CharField(help_text="Empty while nobody has witnessed it.")
    faults = serializers.ListField(
        child=serializers.ChoiceField(choices=FAULTS),
        help_text="What of it stopped the product; empty for nothing.",
    )
    deviation_number = serializers.CharField(help_text="Empty while there is none.")
    recorded_at = serializers.DateTimeField()
    previous = serializers.CharField()
    hash = serializers.CharField()


class CustodyView(ListAPIView[Any]):
    """The chain of custody of one product."""

    serializer_class = CustodyOut

    @reading("List custody entries")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the chain from its first entry; `faults` names where it does not hold."""
        actor = actor_of(request)
        course = course_or_404(actor, kwargs["pk"])
        product = product_of(course, kwargs["companion"])
        require(actor, Permission.SEE_IDENTITY)
        note_chart_read(course, actor=actor, now=timezone.now())
        chain = chain_of(product)
        page: Any = self.paginate_queryset([_json(chain, entry) for entry in chain.entries])
        answer = self.get_paginated_response(page)
        answer.data["faults"] = [fault.code for fault in chain.faults]
        return answer

    @writing("Write a custody entry", CustodyIn, CustodyOut)
    def post(self, request: Request, pk: int, companion: int) -> Response:
        """Append what was done with the product, signed by signing in again.

        Damage, a broken seal or an excursion is kept as well and stops the product: see `faults`.
        """
        actor, now = actor_of(request), timezone.now()
        product = product_of(course_or_404(actor, pk), companion)
        require(actor, Permission.SEE_IDENTITY)
        given = read(CustodyIn, body_of(request), actor)
        signed_at = sign_in_again(request._request, actor, given.pop("password"), now=now)
        entry = write_entry(
            course_id=pk,
            product_id=companion,
            act=given.pop("act"),
            at=given.pop("at"),
            values=given,
            signed_in_at=signed_at,
            actor=actor,
            now=now,
        )
        return Response(_json(chain_of(product), entry), status=201)


class CustodyWitnessView(ApiView):
    """The witness of a custody entry."""

    @writing("Witness a custody entry", WitnessIn, CustodyOut)
    def post(self, request: Request, pk: int, entry: int) -> Response:
        """Append that one was there; whoever signed the entry is refused."""
        now = timezone.now()
        course = course_or_404(self.actor, pk)
        require(self.actor, Permission.SEE_IDENTITY)
        found = entry_of(course, entry)
        given = self.received(WitnessIn)
        signed_at = sign_in_again(request._request, self.actor, given["password"], now=now)
        witness_entry(
            course_id=pk, entry_id=entry, signed_in_at=signed_at, actor=self.actor, now=now
        )
        return Response(_json(chain_of(found.product), found), status=201)


class CustodyDeviationView(ApiView):
    """The deviation that a custody entry is."""

    @writing("Number the deviation of a custody entry", CustodyDeviationIn, CustodyOut)
    def post(self, request: Request, pk: int, entry: int) -> Response:
        """Append the hospital's number; nothing goes on before it stands."""
        course = course_or_404(self.actor, pk)
        require(self.actor, Permission.SEE_IDENTITY)
        found = entry_of(course, entry)
        number = self.received(CustodyDeviationIn)["number"]
        number_entry(
            course_id=pk, entry_id=entry, number=number, actor=self.actor, now=timezone.now()
        )
        return Response(_json(chain_of(found.product), found), status=201)


def _json(chain: Chain, entry: CustodyEntry) -> dict[str, Any]:
    own = (
        "number", "act", "at", *TEXTS, "temperature", "celsius", "condition", "recorded_at",
        "previous",
    )  # fmt: skip
    return {
        "id": entry.pk,
        **{name: getattr(entry, name) for name in own},
        "hash": entry.hash,
        "signer": entry.signer.get_full_name(),
        "witness": chain.witness_of(entry),
        "faults": _faults(entry),
        "deviation_number": chain.deviation_of(entry),
    }


def _faults(entry: CustodyEntry) -> list[str]:
    """The codes of what of an entry stops the product."""
    said = [entry.temperature, entry.condition]
    codes = [word for word in said if word in FAULTS]
    return (codes or [entry.act]) if entry.faults else []

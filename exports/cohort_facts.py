"""All that is known of some courses, live from their charts, many of them in one statement."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from exports import cohort_after_sql as after
from exports import cohort_follow_sql as follow
from exports import cohort_product_sql as product
from exports import cohort_sql as way
from exports.cohort_sql import IDS, Chosen, Row, base
from exports.domain.apart import UNKNOWN
from exports.domain.counted import Counted, Toxic
from exports.domain.severe_icaht import severe
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE
from patients.domain.delays import DelayReasons
from protocol.models import Protocol
from protocol.selectors import settings_if_readable
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.steroid_doses import as_dexamethasone
from toxicity.scores.many import icaht_of_all

# Of so many courses at a time: a statement is over long before anything waits for it in vain.
AT_A_TIME = 1000
_ENDS = frozenset(stage.value for stage in SPINE.ends)
_PARTS: Mapping[str, str] = {
    "history": way.HISTORY,
    "pathway": way.PATHWAY,
    "stays": after.STAYS,
    "given": after.GIVEN,
    "neutropenia": after.NEUTROPENIA,
    "aplasia": after.APLASIA,
    "charted": after.CHARTED,
    "contact": follow.CONTACT,
    "due": follow.DUE,
    "delays": follow.DELAYS,
    "products": product.PRODUCTS,
    "kept_right": product.KEPT_RIGHT,
    "latency": product.LATENCY,
    "checked": after.CHECKED,
    "episodes": after.EPISODES,
}
STATEMENT = f"WITH {IDS} " + " UNION ALL ".join(  # noqa: S608 - of our own words
    f"SELECT '{name}', p.course_id, to_jsonb(p) - 'course_id' FROM ({part}) p"  # noqa: S608
    for name, part in _PARTS.items()
)


@dataclass(frozen=True)
class _Rules:
    """What a protocol says about how something is counted; None of one that cannot be read."""

    toxicity: ToxicityRules | None = None
    depletion_window: tuple[int, int] | None = None
    thaw_limit: int | None = None
    sides: Mapping[str, str] = field(default_factory=dict)  # of the reasons for a delay

    @property
    def equal_steroids(self) -> dict[str, Decimal]:
        """Doses that are worth the same, as far as the version says them."""
        equal = self.toxicity.equal_steroids if self.toxicity else {}
        return {drug: mg.value for drug, mg in equal.items()}

    @classmethod
    def of(cls, protocol: Protocol) -> "_Rules":
        read = settings_if_readable(protocol)
        if read is None:
            return cls()
        rules = PathwayRules.of(read)
        intervals = rules.intervals
        window = (intervals.ld_end_to_infusion_min.value, intervals.ld_end_to_infusion_max.value)
        thaw_limit = rules.product.thaw_to_infusion_minutes.value
        reasons = read.section("delay_reasons", DelayReasons).by_code
        sides = {code: reason.side.value for code, reason in reasons.items()}
        return cls(ToxicityRules.of(read), window, thaw_limit, sides)


def read_courses(ids: Iterable[int], today: date, zone: str) -> list[Counted]:
    """What is known of each of `ids` that was enrolled, in their order, counted live."""
    pks = sorted(ids)
    found: list[Counted] = []
    for begin in range(0, len(pks), AT_A_TIME):
        found += _read(pks[begin : begin + AT_A_TIME], today, zone)
    return found


def _read(pks: list[int], today: date, zone: str) -> list[Counted]:
    rows = base(pks)
    if not rows:
        return []
    versions = {row["protocol_id"] for row in rows}
    rules = {one.pk: _Rules.of(one) for one in Protocol.objects.filter(pk__in=versions)}
    more = _facts(_chosen(rows, rules, today, zone))
    infused = {
        row["course_id"]: toxicity
        for row in rows
        if row["infused_on"] and (toxicity := rules[row["protocol_id"]].toxicity) is not None
    }
    for pk, score in icaht_of_all(infused, today=today, zone=ZoneInfo(zone)).items():
        until = infused[pk].scores.late_until_day.value
        more[pk] |= {"icaht_severe": severe(*score.parts), "graded_until": until}
    return [_counted(row, more[row["course_id"]], rules[row["protocol_id"]], today) for row in rows]


def _chosen(rows: list[Row], rules: Mapping[int, _Rules], today: date, zone: str) -> Chosen:
    read = [rules[row["protocol_id"]].toxicity for row in rows]
    return Chosen(
        ids=[row["course_id"] for row in rows],
        infused=[row["infused_on"] for row in rows],
        until=[min(today, row["died_on"] or today) for row in rows],
        counted_days=[one.scores.neutropenia_until_day.value if one else None for one in read],
        thresholds=[one.scores.b_cell_threshold.value if one else None for one in read],
        today=today,
        zone=zone,
    )


def _facts(chosen: Chosen) -> dict[int, Row]:
    """What the parts say of each course, under the names of their columns."""
    told: dict[int, Row] = {pk: {"toxic": {}} for pk in chosen.ids}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, chosen.params)
        for part, course_id, said in cursor.fetchall():
            row = json.loads(said)
            if part == "checked":  # nothing found is 0 only where somebody looked
                told[course_id]["toxic"].setdefault(row["scale"], {"grade": 0})
            elif part == "episodes":
                told[course_id]["toxic"][row.pop("scale")] = row
            else:
                told[course_id].update(row)
    return told


def _counted(known: Row, more: Row, rules: _Rules, today: date) -> Counted:
    if rules.toxicity is None:
        more = more | {"neutropenic_days": None}
    counting_ends = rules.toxicity.scores.neutropenia_until_day.value if rules.toxicity else 0
    return counted_from(
        {
            **known,
            **more,
            "patient": known["code"],
            "delays": tuple(
                (reason, rules.sides.get(reason, UNKNOWN), *numbers)
                for reason, *numbers in more.get("delays", ())
            ),
            "steroids_mg": as_dexamethasone(_milligrams(more), rules.equal_steroids),
            "today": today,
            "ended": known["stage"] in _ENDS,
            "depletion_window": rules.depletion_window,
            "thaw_limit": rules.thaw_limit,
            "counting_ends": counting_ends,
        }
    )


def _milligrams(more: Row) -> dict[str, Decimal | None]:
    told = more.get("steroid_mg") or {}
    return {drug: None if mg is None else Decimal(mg) for drug, mg in told.items()}


def counted_from(known: Row) -> Counted:
    """A course from what is known of it, as a statement says it or as it was kept."""
    toxic = {scale: Toxic(**said) for scale, said in known["toxic"].items()}
    dated = {name: _day(known[name]) for name in _DATES if known.get(name) is not None}
    lists = {name: tuple(known.get(name) or ()) for name in ("organisms", "depletion_window")}
    pairs = {name: tuple(map(tuple, known.get(name) or ())) for name in _PAIRED}
    return Counted.of({**known, **dated, **lists, **pairs, "toxic": toxic})


_PAIRED = ("items", "incident_categories")
_DATES = tuple(
    name for name, kind in Counted.__annotations__.items() if kind in (date, date | None)
)


def _day(told: Any) -> date:
    return told if isinstance(told, date) else date.fromisoformat(told)

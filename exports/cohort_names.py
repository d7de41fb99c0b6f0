"""What the cohort report calls what it tells apart by codes, in the words of the protocols."""

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from exports.domain.apart import ITEM, LEFT, REASON
from exports.domain.indicators import Indicator
from pathway.domain.reasons import ExitReasons
from patients.domain.delays import DelayReasons
from protocol.domain.loading import ProtocolInvalid
from protocol.models import Protocol
from protocol.selectors import settings_of
from reminders.domain.items import Schedule
from terms.words import Bilingual


def names_of(protocols: Iterable[Protocol]) -> dict[str, Bilingual]:
    """The names of every code; of several versions those of the last.

    A version that can no longer be read names nothing: its codes stand for themselves.
    """
    names: dict[str, Bilingual] = {}
    for protocol in protocols:
        try:
            read = settings_of(protocol)
        except ProtocolInvalid:
            continue
        items = read.section("schedule", Schedule).items
        delays = read.section("delay_reasons", DelayReasons).by_code.values()
        ends = read.section("exit_reasons", ExitReasons).by_code.values()
        names |= {f"{ITEM}/{one.code}": one.label for one in items}
        names |= {f"{REASON}/{one.side.value}/{one.code}": one.label for one in delays}
        names |= {f"{LEFT}/{one.code}": one.label for one in ends}
    return names


def label_of(found: Indicator) -> str:
    """What an indicator is called, with what it is one of several of."""
    label, name = _(found.definition.label), found.name
    if not name:
        return label
    one = name.in_language(get_language() or "en") if isinstance(name, Bilingual) else _(name)
    return f"{label}: {one}"

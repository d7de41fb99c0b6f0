"""The hand-written oracle of who may make which move of every machine.

Written from the pathway reference (transitions 1.2, companions 1.3 to 1.5, roles 7), not from the
tables. One line per source: its targets, each with the roles that may. `AUTO` stands for moves that
follow from a move of the course: coordinator and haematologist are listed and never offered it.
"""

from collections.abc import Iterator

from terms.roles import Role

_ROLES = {
    "co": Role.COORDINATOR,
    "ha": Role.HAEMATOLOGIST,
    "wn": Role.WARD_NURSE,
    "an": Role.APHERESIS_NURSE,
    "ph": Role.PHARMACIST,
    "cl": Role.CELL_LAB,
    "qa": Role.QUALITY,
}
_TABLES = {
    "journey": """
        referral: eligibility co ha | declined ha | withdrawn co ha
        eligibility: apheresis co ha | declined ha | withdrawn co ha
        apheresis: bridging co ha cl | eligibility co ha | declined ha | withdrawn co ha
        bridging: lymphodepletion ha | apheresis co ha | eligibility co ha | declined ha
        bridging: withdrawn co ha
        lymphodepletion: infusion ha wn | bridging co ha | declined ha | withdrawn co ha
        infusion: follow_up ha | lymphodepletion co ha | withdrawn co ha | lost co ha
        follow_up: completed co ha | withdrawn co ha | lost co ha
        completed: follow_up co ha
        declined: referral co ha | eligibility co ha | apheresis co ha | bridging co ha
        declined: lymphodepletion co ha
        withdrawn: referral co ha | eligibility co ha | apheresis co ha | bridging co ha
        withdrawn: lymphodepletion co ha | infusion co ha | follow_up co ha
        lost: infusion co ha | follow_up co ha
    """,
    "eligibility": """
        enrolled: assessing co ha | closed co ha
        assessing: mdt_review co ha | closed co ha
        mdt_review: accepted ha | deferred ha | not_eligible ha | closed co ha
        deferred: assessing co ha | closed co ha
        not_eligible: assessing ha | closed co ha
        accepted: assessing ha | closed co ha
    """,
    "containment": """
        not_needed: planned ha | closed co ha
        planned: given wn ha | cancelled ha
        given: given wn ha | closed co ha
    """,
    "apheresis": """
        scheduled: cleared an ha | cancelled co ha
        cleared: in_progress an ha | scheduled an ha | cancelled co ha
        in_progress: completed an | aborted an ha
        completed: adequate cl ha | inadequate cl ha
        adequate: completed cl ha
        inadequate: completed cl ha
        aborted: in_progress cl ha
        cancelled: scheduled cl ha | cleared cl ha
    """,
    "product": """
        ordered: material_shipped co ph cl ha | cancelled co ha
        material_shipped: at_manufacturer co ph cl | material_excursion co ph cl | discarded qa
        material_excursion: at_manufacturer co ph cl | rejected co ph cl | discarded qa
        at_manufacturer: manufacturing co ph cl | rejected co ph cl | discarded qa
        manufacturing: qc co ph cl | failed co ph cl | discarded qa
        qc: released co ph cl ha | oos co ph cl | failed co ph cl | discarded qa
        oos: oos_accepted ha | discarded qa
        released: shipped_to_site co ph cl | discarded qa
        oos_accepted: shipped_to_site co ph cl | discarded qa
        shipped_to_site: received cl ph ha | product_excursion cl ph | quarantined cl ph
        shipped_to_site: discarded qa
        product_excursion: quarantined cl ph | discarded qa
        received: stored cl ph | quarantined cl ph | discarded qa
        stored: thawing cl ph ha | quarantined cl ph | discarded qa
        quarantined: stored qa | discarded qa | thawing qa
        thawing: infused ha wn | wasted cl ha | quarantined wn ha cl ph
        failed: manufacturing qa ha | qc qa ha
        rejected: material_excursion qa ha | at_manufacturer qa ha
        discarded: oos qa ha | quarantined qa ha | stored qa ha | material_shipped qa ha
        discarded: material_excursion qa ha | at_manufacturer qa ha | manufacturing qa ha
        discarded: qc qa ha | released qa ha | oos_accepted qa ha | shipped_to_site qa ha
        discarded: product_excursion qa ha | received qa ha
        wasted: thawing qa ha
        cancelled: ordered qa ha
    """,
    "bridging": """
        planned: running ha wn | cancelled ha
        running: on_hold ha | closed ha | stopped_early ha
        on_hold: running ha | stopped_early ha
    """,
    "lymphodepletion": """
        planned: in_progress ha wn | cancelled ha
        in_progress: complete ha wn | stopped ha
        complete: in_progress ha
        stopped: in_progress ha
        cancelled: planned ha
    """,
}


def _read(table: str) -> Iterator[tuple[tuple[str, str], frozenset[Role]]]:
    for line in table.strip().splitlines():
        source, moves = line.strip().split(": ")
        for move in moves.split(" | "):
            target, *roles = move.split()
            yield (source, target), frozenset(_ROLES[role] for role in roles)


MAY: dict[str, dict[tuple[str, str], frozenset[Role]]] = {
    name: dict(_read(table)) for name, table in _TABLES.items()
}

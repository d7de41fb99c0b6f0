"""Columns of the journey: moves, companions, doses, papers, checks by two people, custody."""

from exports.fields.kinds import Declared


def _companion(model: str, *, date: str = "", **more: str) -> Declared:
    coded = f"state source {more.pop('coded', '')}"
    return Declared(
        f"pathway.{model}",
        date=f"state_since planned_on created_at {date}",
        staff="created_by",
        coded=coded,
        technical="id course",
        **more,
    )


def _paper(
    model: str, owner: str, *, date: str = "", coded: str = "", staff: str = "", **more: str
) -> Declared:
    return Declared(
        f"pathway.{model}",
        date=f"recorded_at {date}",
        staff=f"recorded_by {staff}",
        coded=f"source {coded}",
        technical=f"id {owner}",
        **more,
    )


def _entry(model: str, *, date: str = "", **more: str) -> Declared:
    staff, coded, keys = (more.pop(name, "") for name in ("staff", "coded", "technical"))
    return Declared(
        f"pathway.{model}",
        date=f"recorded_at {date}",
        staff=f"recorded_by {staff}",
        coded=f"source {coded}",
        technical=f"id course replaces {keys}",
        **more,
    )


_COURSE = (
    Declared(
        "pathway.journey",
        date="stage_since",
        coded="centre stage left_stage active exit_reason exit_scope",
        technical="id course",
    ),
    Declared(
        "pathway.change",
        staff="actor",
        date="happened_at happened_on recorded_at",
        text="reason overrides details correction",
        coded="machine source target data_source transcribed told_after precision",
        technical="id course sequence subject_id cause supersedes position",
    ),
    Declared(
        "pathway.repin",
        staff="actor",
        date="moved_on recorded_at",
        text="reason",
        coded="source target",
        technical="id course",
    ),
)
_COMPANIONS = (
    _companion("eligibilityreview", date="review_on"),
    _companion("containmenttherapy", clinical="drug", coded="drug_class"),
    _companion(
        "apheresisattempt",
        direct="din",
        text="waiver_reference",
        coded="number cd3_yield next_step",
    ),
    _companion(
        "product",
        date="expected_on expires_on",
        direct="order_number lot coi_id",
        text="storage_position deviation_number",
        coded="collection failure_reason",
    ),
    _companion("bridgingcourse", date="last_dose_on", clinical="drug", coded="drug_class response"),
    _companion("lymphodepletion", clinical="regimen"),
)
_ASSESSED = (
    # A value of an item or a check may be typed: files hold it in the words of a fixed list only.
    _entry(
        "eligibilityentry", date="on", text="value reason", coded="item step", technical="review"
    ),
    _entry(
        "gateentry",
        date="checked_at",
        text="value remark",
        coded="gate check_code outcome",
        technical="round",
    ),
    _entry(
        "meeting",
        date="held_on review_on signed_at",
        staff="signed_by",
        text="participants minutes reason",
        coded="vote in_favour against abstained",
        technical="review",
    ),
    Declared(
        "pathway.dose",
        staff="ordered_by given_by verified_by recorded_by",
        date="planned_on given_at given_on recorded_at",
        text="amount_reason deviation answers not_given_reason reason remark",
        clinical="drug",
        coded="machine number drug_class route planned_day per_m2 amount amount_counted unit "
        "delay_code given_amount source",
        technical="id course subject_id replaces",
    ),
)
_TWO_PEOPLE = (
    Declared(
        "pathway.identitycheck",
        direct="snapshot",
        staff="opened_by",
        date="opened_at",
        coded="kind",
        technical="id course product",
    ),
    Declared(
        "pathway.identityscan",
        direct="scanned mismatches",
        staff="person",
        date="signed_in_at scanned_at",
        coded="number roles",
        technical="id check_of",
    ),
    Declared(
        "pathway.identitydeviation",
        text="number",
        staff="recorded_by",
        date="recorded_at",
        technical="id check_of",
    ),
    Declared(
        "pathway.labelentry",
        direct="value before",
        staff="entered_by",
        date="entered_at signed_in_at",
        text="reason",
        coded="name",
        technical="id course attempt product",
    ),
    Declared(
        "pathway.labelreading",
        direct="value",
        staff="read_by",
        date="read_at signed_in_at",
        coded="agrees",
        technical="id entry",
    ),
    Declared(
        "pathway.custodyentry",
        staff="handed_from handed_to signer witness",
        date="at on recorded_at",
        text="place seal remark",
        coded="act temperature celsius condition",
        technical="id course product number about cause previous hash",
    ),
)
_PAPERS = (
    _paper("order", "product", direct="coi_id", date="slot_on release_on site_on", text="remark"),
    _paper(
        "shipment",
        "product",
        date="picked_up_at arrived_at",
        staff="courier",
        direct="waybill",
        text="logger seal",
        coded="leg accepted in_range",
    ),
    _paper(
        "certificate",
        "product",
        date="issued_on",
        coded="viability car_positive dose_per_kg dose_total",
    ),
    _paper(
        "oosrecord",
        "product",
        date="physician_request_on risk_evaluation_on physician_accepted_on authority_notice_on "
        "patient_informed_on",
        text="risk_reference authority_reference",
    ),
    Declared(
        "pathway.oossignature",
        staff="signer",
        date="signed_at",
        coded="capacity",
        technical="id record",
    ),
    _paper(
        "administration",
        "product",
        date="thaw_started_at thaw_ended_at infusion_started_at infusion_ended_at",
        direct="bag_number",
        text="line reactions",
        coded="volume_ml",
    ),
    _paper(
        "incident",
        "product",
        date="happened_on",
        text="report_number description",
        coded="category",
    ),
    _paper("clearance", "attempt", date="cbc_on virology_on", text="access", coded="label_checked"),
    _paper(
        "collection",
        "attempt",
        date="started_at ended_at",
        staff="operator",
        text="device reaction",
        coded="processed_ml acd_a_ml product_ml tnc blasts_percent transport_celsius",
    ),
)
FIELDS = (*_COURSE, *_COMPANIONS, *_ASSESSED, *_TWO_PEOPLE, *_PAPERS)

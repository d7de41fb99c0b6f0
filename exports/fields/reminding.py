"""Columns of reminders, what was sent to whom, notices and appointments."""

from exports.fields.kinds import Declared

_TRIED = "status send_at attempts lease_until next_try_at error_code"
FIELDS = (
    Declared(
        "reminders.reminder",
        staff="made_by closed_by performed_by",
        date="due_on window_start window_end done_on performed_on closed_at snoozed_until"
        " asks_on planned_at changed_at",
        text="label reason",
        coded="item anchor_kind anchor_occurrence ordinal series provisional unsure minor"
        " shown_as role status",
        technical="id course closed_cause",
    ),
    Declared("reminders.plan", technical="course planned_at"),
    Declared("reminders.planfailure", technical="course since tried_at error_code"),
    Declared("reminders.planpause", technical="id course cause since lasting"),
    Declared(
        "reminders.taskcorrection",
        staff="corrected_by",
        date="corrected_at",
        text="before reason",
        technical="id reminder",
    ),
    Declared("reminders.taskrequest", technical="id course key sent reminder"),
    Declared("reminders.sweeprun", technical="id started_at finished_at planned sent failed host"),
    Declared(
        "reminders.notice",
        staff="people raised_by withdrawn_by",
        date="raised_at last_at withdrawn_at",
        text="params",
        coded="code roles",
        technical="id course about causes withdrawn_cause",
    ),
    Declared(
        "reminders.noticereading", staff="user", date="at", text="remark", technical="id notice"
    ),
    Declared(
        "reminders.appointment",
        staff="made_by changed_by",
        date="on at made_at changed_at",
        text="place remark reason",
        coded="kind status source",
        technical="id course uid cancelled_cause revision",
    ),
    Declared(
        "reminders.appointmentchange",
        staff="changed_by",
        date="on at changed_at",
        text="place remark reason",
        coded="what kind",
        technical="id appointment revision cause",
    ),
    Declared(
        "reminders.dispatch",
        date="due_on laid_at",
        coded="step last role",
        technical=f"id reminder {_TRIED}",
    ),
    Declared(
        "reminders.digest",
        staff="recipient",
        date="day sent_at",
        technical=f"id message_key {_TRIED}",
    ),
    Declared(
        "reminders.delivery",
        staff="recipient",
        date="at seen_at",
        coded="channel",
        technical="id dispatch digest",
    ),
    Declared("reminders.sendingpreference", staff="user", technical="email hour language"),
    Declared(
        "reminders.calendarfeed",
        staff="user",
        date="made_at ended_at noted_on",
        technical="id digest mine language",
    ),
)

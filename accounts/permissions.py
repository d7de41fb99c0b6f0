"""Roles and what each may do, as data: one table to read, to show and to test."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from terms.roles import ROLE_NAMES, Role
from terms.words import N_

# The choices of the database and of forms; labels are translated where they are shown.
ROLE_CHOICES = [(str(role), _(name)) for role, name in ROLE_NAMES.items()]


class Permission(StrEnum):
    """Something a role may do. Who may make which move stands in the tables of moves.

    Without SEE_IDENTITY one reads courses coded. Left out then, in files for everybody, is free
    text that could name somebody: remarks, notes, reasons, how a delay is managed, the name of a
    ward, a cause of death, comorbidities, responses to earlier lines. What describes the treatment
    itself passes as clinical content: disease, treatment, drug, regimen, donor, conditioning,
    product. These are typed too, so no name belongs there.
    """

    READ_COURSES = "read_courses"  # codes, stages, dates; names only with SEE_IDENTITY
    SEE_IDENTITY = "see_identity"  # names, birth dates, identifiers, free text
    REFER = "refer"  # new patient, new course
    EDIT_CHART = "edit_chart"  # disease history, consents, contacts, responsible people
    RECORD_RESULTS = "record_results"  # laboratory and marrow results
    RECORD_STAY = "record_stay"  # admission, ward, intensive care, discharge
    PLAN_DATES = "plan_dates"  # planned dates of the anchors
    ORDER_DOSES = "order_doses"  # containment, bridging, lymphodepletion; corrections
    GIVE_DOSES = "give_doses"  # say that a dose was given, or not and why
    MANAGE_HOLDS = "manage_holds"  # open and end a hold
    # Mark follow-up items of every role done, skip them, open them again; everybody does those of
    # a role held, see `reminders.doers`.
    DO_REMINDERS = "do_reminders"
    KEEP_PAPERS = "keep_papers"  # papers of collection and product
    ASSESS = "assess"  # eligibility items and gate checks; who may which stands in the protocol
    RECORD_MEETING = "record_meeting"  # minutes and vote of the multidisciplinary meeting
    LOG_TOXICITY = "log_toxicity"  # bedside checks, treatments given for toxicity, infections
    REVIEW_GRADES = "review_grades"  # confirm a grade or another one; IEC-HS confirmed, or over
    WRITE_NOTES = "write_notes"
    RECORD_DEATH = "record_death"
    CORRECT = "correct"  # supersede a dated fact, with a reason
    MARK_ERROR = "mark_error"  # say that a patient or course was entered in error
    UNDO_ERROR = "undo_error"  # bring back what was marked by mistake
    OVERRIDE = "override"  # let a soft guard yield, with a reason
    LOAD_PROTOCOL = "load_protocol"  # hand in a version as a draft
    PUBLISH_PROTOCOL = "publish_protocol"  # put a draft that somebody else loaded in force
    MOVE_TO_VERSION = "move_to_version"  # let a course follow a newer version
    EXPORT_CODED = "export_coded"  # timelines by course code
    EXPORT_IDENTIFIED = "export_identified"  # files with names; also signed by who may
    SIGN_EXPORT = "sign_export"  # let a file with names be made for somebody else
    WATCH_EXPORTS = "watch_exports"  # see which files others asked for, without having them
    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"
    WATCH_SENDING = "watch_sending"  # see what could not be sent, let it be tried again


PERMISSION_NAMES: dict[Permission, str] = {
    Permission.READ_COURSES: N_("Read courses: codes, stages, dates"),
    Permission.SEE_IDENTITY: N_("See names, birth dates, identifiers and notes"),
    Permission.REFER: N_("Refer a new patient or course"),
    Permission.EDIT_CHART: N_("Edit disease history, consents, contacts, responsible people"),
    Permission.RECORD_RESULTS: N_("Record laboratory and marrow results"),
    Permission.RECORD_STAY: N_("Record admission, ward, intensive care, discharge"),
    Permission.PLAN_DATES: N_("Plan the dates of the pathway"),
    Permission.ORDER_DOSES: N_("Order and correct doses"),
    Permission.GIVE_DOSES: N_("Record whether a dose was given"),
    Permission.MANAGE_HOLDS: N_("Open and end a hold"),
    Permission.DO_REMINDERS: N_("Do, put off and skip follow-up items of every role"),
    Permission.KEEP_PAPERS: N_("Keep the papers of collection and product"),
    Permission.ASSESS: N_("Record eligibility items and gate checks"),
    Permission.RECORD_MEETING: N_("Record the multidisciplinary meeting"),
    Permission.LOG_TOXICITY: N_("Log bedside checks, treatments for toxicity and infections"),
    Permission.REVIEW_GRADES: N_("Confirm or override a grade; confirm IEC-HS, or its end"),
    Permission.WRITE_NOTES: N_("Write course notes"),
    Permission.RECORD_DEATH: N_("Record a death"),
    Permission.CORRECT: N_("Correct a recorded fact, with a reason"),
    Permission.MARK_ERROR: N_("Mark a patient or course as entered in error"),
    Permission.UNDO_ERROR: N_("Bring back what was marked as entered in error"),
    Permission.OVERRIDE: N_("Let a warning yield, with a reason"),
    Permission.LOAD_PROTOCOL: N_("Load a version of a protocol"),
    Permission.PUBLISH_PROTOCOL: N_("Publish a version that somebody else loaded"),
    Permission.MOVE_TO_VERSION: N_("Let a course follow a newer version of its protocol"),
    Permission.EXPORT_CODED: N_("Export timelines by course code"),
    Permission.EXPORT_IDENTIFIED: N_("Export files with names"),
    Permission.SIGN_EXPORT: N_("Sign files with names that others asked for"),
    Permission.WATCH_EXPORTS: N_("See which files others asked for"),
    Permission.MANAGE_USERS: N_("Manage users and roles"),
    Permission.READ_AUDIT: N_("Read the audit"),
    Permission.WATCH_SENDING: N_("Watch over the sending of reminders"),
}

P = Permission
_CLINICAL = {P.READ_COURSES, P.SEE_IDENTITY, P.WRITE_NOTES, P.KEEP_PAPERS, P.ASSESS}

# Source: reference table of roles and capabilities (programme practice, JACIE competence by role).
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.COORDINATOR: frozenset(
        _CLINICAL
        | {P.REFER, P.EDIT_CHART, P.RECORD_RESULTS, P.RECORD_STAY, P.PLAN_DATES}
        | {P.MANAGE_HOLDS, P.DO_REMINDERS, P.RECORD_DEATH, P.EXPORT_CODED, P.MARK_ERROR}
        | {P.RECORD_MEETING, P.LOG_TOXICITY}
    ),
    Role.WARD_NURSE: frozenset(
        _CLINICAL | {P.RECORD_RESULTS, P.RECORD_STAY, P.DO_REMINDERS, P.GIVE_DOSES, P.LOG_TOXICITY}
    ),
    Role.APHERESIS_NURSE: frozenset(_CLINICAL | {P.RECORD_RESULTS}),
    Role.HAEMATOLOGIST: frozenset(
        _CLINICAL
        | {P.REFER, P.EDIT_CHART, P.RECORD_RESULTS, P.RECORD_STAY, P.PLAN_DATES}
        | {P.MANAGE_HOLDS, P.DO_REMINDERS, P.RECORD_DEATH, P.CORRECT, P.OVERRIDE, P.EXPORT_CODED}
        | {P.LOAD_PROTOCOL, P.PUBLISH_PROTOCOL, P.MOVE_TO_VERSION, P.ORDER_DOSES, P.GIVE_DOSES}
        | {P.MARK_ERROR, P.RECORD_MEETING, P.LOG_TOXICITY, P.REVIEW_GRADES}
        | {P.EXPORT_IDENTIFIED, P.SIGN_EXPORT}
    ),
    Role.PHARMACIST: frozenset(_CLINICAL),
    Role.CELL_LAB: frozenset(_CLINICAL | {P.RECORD_RESULTS}),
    Role.DATA_MANAGER: frozenset({P.READ_COURSES, P.EXPORT_CODED, P.EXPORT_IDENTIFIED}),
    Role.QUALITY: frozenset(
        {P.READ_COURSES, P.SEE_IDENTITY, P.EXPORT_CODED, P.READ_AUDIT}
        | {P.KEEP_PAPERS, P.UNDO_ERROR, P.CORRECT, P.WATCH_EXPORTS}
    ),
    Role.CENTRE_ADMIN: frozenset(
        {P.READ_COURSES, P.EXPORT_CODED, P.MANAGE_USERS, P.READ_AUDIT, P.LOAD_PROTOCOL}
        | {P.WATCH_SENDING, P.WATCH_EXPORTS}
    ),
}


def roles_with(permission: Permission) -> tuple[str, ...]:
    """The codes of the roles that hold `permission`, in the order of the table."""
    return tuple(role.value for role, held in ROLE_PERMISSIONS.items() if permission in held)

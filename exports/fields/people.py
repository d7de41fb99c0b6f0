"""Columns of people who sign in, the audit, protocols and files."""

from exports.fields.kinds import Declared

FIELDS = (
    Declared(
        "audit.auditevent",
        staff="actor_id actor_name",
        date="at",
        text="reason before after",
        coded="roles centre_id action object_type",
        technical="id object_id course_id patient_id request_id",
    ),
    Declared("accounts.centre", coded="code name time_zone", technical="id"),
    Declared(
        "accounts.user",
        staff="username first_name last_name email",
        date="last_login date_joined",
        technical="id password is_superuser is_staff is_active working_centre must_change_password "
        "groups user_permissions",
    ),
    Declared(
        "accounts.membership",
        staff="user granted_by ended_by",
        date="granted_at ended_at",
        coded="centre role",
        technical="id",
    ),
    Declared(
        "protocol.protocol",
        staff="loaded_by published_by",
        coded="code version title_en title_it product status data loaded_at published_at",
        technical="id sha256",
    ),
    Declared("protocol.protocolfile", coded="name text", technical="id protocol"),
    Declared("exports.pseudonymsecret", technical="centre secret made_at"),
    # Whoever had the shift would have every date of the course.
    Declared("exports.pseudonym", coded="code", technical="course shift_days made_at"),
    # Derived from columns declared elsewhere; `known` holds free text of theirs.
    Declared(
        "exports.countedcourse",
        text="known",
        coded="enrolled infused told apart",
        technical="course rule first_on last_on",
    ),
    Declared("exports.touchedcourse", technical="id course"),
    Declared(
        "exports.exportjob",
        staff="requested_by signed_by",
        date="requested_at signed_in_at signed_at infused_after infused_before ended_at expires_at",
        text="purpose reason",
        coded="centre content format language level product protocol status done total left_out "
        "downloads",
        technical="id attempts lease_until error_code file_name file_size sha256",
    ),
)

"""Whose work on a reminder shows that the patient was there: forms and phone calls do not."""

from terms.roles import Role

# A data manager fills in a form of a patient whom nobody has seen for a year. What people ask for
# in words of their own says nothing either: it may be a letter.
SEEING_ROLES = tuple(
    role.value for role in (Role.WARD_NURSE, Role.APHERESIS_NURSE, Role.HAEMATOLOGIST)
)
_ROLES = ", ".join(f"'{role}'" for role in SEEING_ROLES)
# The same as a condition on a row `x` of the reminders.
SEEN_BY_REMINDER = f"x.status = 'done' AND x.made_by = '' AND x.role IN ({_ROLES})"

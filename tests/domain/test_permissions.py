"""The table of roles and permissions: complete, named, and with its borders where they belong."""

import pytest

from accounts.permissions import (
    PERMISSION_NAMES,
    ROLE_CHOICES,
    ROLE_PERMISSIONS,
    Permission,
    roles_with,
)
from terms.roles import ROLE_NAMES, Role

CLINICAL_WRITES = (
    Permission.REFER,
    Permission.EDIT_CHART,
    Permission.RECORD_RESULTS,
    Permission.RECORD_STAY,
    Permission.PLAN_DATES,
    Permission.MANAGE_HOLDS,
    Permission.WRITE_NOTES,
    Permission.RECORD_DEATH,
    Permission.OVERRIDE,
    Permission.ASSESS,
    Permission.RECORD_MEETING,
)


def test_every_role_has_a_name_a_choice_and_a_row() -> None:
    assert set(ROLE_NAMES) == set(Role) == set(ROLE_PERMISSIONS)
    assert [code for code, _ in ROLE_CHOICES] == [role.value for role in Role]


def test_every_permission_has_a_name_and_somebody_who_holds_it() -> None:
    assert set(PERMISSION_NAMES) == set(Permission)
    for permission in Permission:
        assert roles_with(permission), permission


def test_everybody_reads_courses() -> None:
    assert set(roles_with(Permission.READ_COURSES)) == set(Role)


@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.CENTRE_ADMIN])
def test_data_managers_and_administrators_see_no_names(role: Role) -> None:
    assert Permission.SEE_IDENTITY not in ROLE_PERMISSIONS[role]


@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.CENTRE_ADMIN, Role.QUALITY])
@pytest.mark.parametrize("permission", CLINICAL_WRITES)
def test_who_does_not_care_for_patients_writes_nothing_clinical(
    role: Role, permission: Permission
) -> None:
    assert permission not in ROLE_PERMISSIONS[role]


def test_only_haematologists_let_a_warning_yield() -> None:
    assert roles_with(Permission.OVERRIDE) == (Role.HAEMATOLOGIST,)


def test_only_administrators_manage_users() -> None:
    assert roles_with(Permission.MANAGE_USERS) == (Role.CENTRE_ADMIN,)

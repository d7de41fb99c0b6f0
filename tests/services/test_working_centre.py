"""The centre one works at: the one chosen among those where a role is held, or none."""

import pytest

from accounts.access import centre_of
from accounts.models import Centre, Membership, User
from terms.refusals import NotAllowed
from tests.conftest import NOW, UserWith
from tests.services.refused import codes


def test_of_two_centres_the_chosen_one_counts(
    coordinator: User, centre: Centre, other_centre: Centre
) -> None:
    Membership.objects.create(
        user=coordinator, centre=other_centre, role="quality", granted_at=NOW, granted_by="test"
    )
    assert centre_of(coordinator) == centre
    coordinator.working_centre = other_centre
    coordinator.forget_roles()
    assert centre_of(coordinator) == other_centre
    assert coordinator.roles == {"quality"}


def test_who_works_at_none_is_told_so(user_with: UserWith, other_centre: Centre) -> None:
    wanderer = user_with("coordinator")
    wanderer.working_centre = other_centre
    with pytest.raises(NotAllowed) as refused:
        centre_of(wanderer)
    assert codes(refused.value) == {"no_centre"}

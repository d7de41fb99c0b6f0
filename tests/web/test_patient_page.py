"""The patient's page: every course, earlier infusions counted, another one only after the last."""

from django.test import Client
from django.urls import reverse

from accounts.models import User
from pathway.loading import load_state
from pathway.referring import NewCourse, add_course
from patients.deaths import record_death
from patients.models import Course
from tests.conftest import UserWith
from tests.walking import Walk


def test_second_course_counts_the_infusion_before_it(
    client: Client, walk: Walk, coordinator: User, user_with: UserWith
) -> None:
    client.force_login(coordinator)
    url = reverse("patient", args=[walk.course.patient_id])
    new = reverse("course_new", args=[walk.course.patient_id])
    page = client.get(url).text
    assert "Another course of this patient is under way." in page
    assert new not in page
    walk.to_follow_up()
    page = client.get(url).text
    assert "1 CAR-T infusion" in page
    assert new in page
    asked = NewCourse(protocol_code=walk.course.protocol.code, referred_on=walk.now.date())
    second = add_course(
        patient_id=walk.course.patient_id, course=asked, actor=coordinator, now=walk.now
    )
    assert load_state(Course.objects.get(pk=second.pk)).prior_infusions == 1
    assert load_state(walk.course).prior_infusions == 0
    assert "1 earlier CAR-T infusion" in client.get(reverse("course", args=[second.pk])).text
    detail = client.get(f"/api/v1/courses/{second.pk}/").json()
    assert detail["prior_infusions"] == 1
    page = client.get(url).text
    assert walk.course.code in page
    assert second.code in page
    assert new not in page
    record_death(
        patient_id=walk.course.patient_id, died_on=walk.now.date(), cause="in her sleep",
        actor=coordinator, now=walk.tick(),
    )  # fmt: skip
    page = client.get(url).text
    assert "in her sleep" in page
    assert "death is recorded" in page
    client.force_login(user_with("data_manager"))
    coded = client.get(url).text
    assert second.code in coded
    assert "in her sleep" not in coded
    assert walk.course.patient.family_name.upper() not in coded

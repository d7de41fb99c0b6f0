"""Laboratory values in the API: many in one go, listed as they are read."""

from rest_framework.test import APIClient

from patients.models import Course

ANC = {"analyte": "ANC", "value": "0.4", "unit": "10*9/L"}
HB = {"analyte": "HB", "value": "8.4", "unit": "g/dL"}
EBV = {"analyte": "EBV", "result": "positive", "value": "1200", "unit": "[IU]/mL"}


def test_the_api_adds_and_lists_values(api: APIClient, course: Course) -> None:
    url = f"/api/v1/courses/{course.pk}/results/"
    body = {"on": "2026-11-10", "values": [ANC, EBV]}
    made = api.post(url, body, "json")
    assert made.status_code == 201, made.json()
    listed = api.get(url, {"analyte": "ANC"}).json()["results"]
    assert [(row["shown"], row["mark"]) for row in listed] == [("0.4 ×10⁹/L", "low")]
    assert api.get(url).json()["count"] == 2
    refused = api.post(url, {"on": "2026-11-10", "values": [{**HB, "value": "84"}]}, "json")
    assert refused.status_code == 422
    assert [reason["field"] for reason in refused.json()["reasons"]] == ["HB.value"]

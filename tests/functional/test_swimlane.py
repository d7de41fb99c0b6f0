"""The timeline drawn in lanes on a narrow screen: the drawing is moved, its words stay in sight."""

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Site, Standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
# Words of the lanes that reach out of the box in which the drawing is moved.
OUTSIDE = """() => {
  const box = document.querySelector('.lanes').getBoundingClientRect();
  return [...document.querySelectorAll('.lane > summary, .lane > p, .lane > .past')]
    .filter((one) => one.checkVisibility())
    .map((one) => one.getBoundingClientRect())
    .filter((one) => one.right > box.right + 1 || one.left < box.left - 1).length;
}"""


def test_no_words_of_a_lane_are_cut_by_the_box_on_a_narrow_screen(
    site: Site, standing: Standing
) -> None:
    page = site.sign_in("coordinator")
    page.set_viewport_size({"width": 390, "height": 800})
    site.open(f"/courses/{standing.followed}/timeline/")
    lists = page.locator(".lane > .past > summary:visible")
    expect(lists.first).to_be_visible()
    lists.first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OUTSIDE) == 0
    page.locator(".lanes").evaluate("(box) => { box.scrollLeft = 300; }")
    assert page.evaluate(OUTSIDE) == 0

// Takes the live grade out of sight from each change until the server has answered it: one that
// is not of what is typed now must not reassure. Without this script a button shows the grade.

const form = document.getElementById("check-form");
const grade = document.getElementById("grade");

if (form && grade) {
  let changes = 0;
  let asked = 0;

  // Somebody who was signed out meanwhile gets another page than the one that was asked for.
  const answers = (event) =>
    new URL(event.detail.xhr.responseURL || "none:").pathname === grade.getAttribute("hx-post");

  form.addEventListener("input", () => {
    changes += 1;
    grade.toggleAttribute("data-stale", true);
  });

  grade.addEventListener("htmx:beforeRequest", () => {
    asked = changes;
  });

  grade.addEventListener("htmx:beforeSwap", (event) => {
    if (!answers(event)) event.detail.shouldSwap = false;
  });

  grade.addEventListener("htmx:afterRequest", (event) => {
    const current = event.detail.successful && answers(event) && asked === changes;
    if (current) grade.removeAttribute("data-stale");
  });
}

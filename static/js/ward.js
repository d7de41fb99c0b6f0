// Says that the ward page hears nothing from the server: an old list must not look like a new one.

const list = document.getElementById("ward");
const lost = document.getElementById("ward-lost");

if (list && lost) {
  // Somebody who was signed out meanwhile gets another page than the one that was asked for.
  const heard = (event) =>
    event.detail.successful &&
    new URL(event.detail.xhr.responseURL || "none:").pathname === list.getAttribute("hx-get");

  list.addEventListener("htmx:beforeSwap", (event) => {
    const asked = new URL(event.detail.xhr.responseURL || "none:").pathname;
    if (asked !== list.getAttribute("hx-get")) event.detail.shouldSwap = false;
  });

  list.addEventListener("htmx:afterRequest", (event) => {
    lost.hidden = heard(event);
    list.toggleAttribute("data-stale", !heard(event));
  });
}

// Two safeguards on top of plain forms: a second submit of the same form does nothing, and
// leaving a page with typed, unsaved text asks first. The server holds without either.

const RESEND_AFTER_MS = 8000; // a lost answer must not leave the button dead for ever

function isWrite(form) {
  return form instanceof HTMLFormElement && form.method.toLowerCase() === "post";
}

function release(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!isWrite(form)) return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sending = "yes";
    form.setAttribute("aria-busy", "true");
    delete form.dataset.dirty;
    setTimeout(() => release(form), RESEND_AFTER_MS);
  },
  true,
);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});

// Back and forward bring the page back as it was left, sending marks included.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) release(form);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && isWrite(form)) form.dataset.dirty = "yes";
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-dirty]")) event.preventDefault();
});

// Warns two minutes before the idle time-out. Every request of any tab counts as a sign of life,
// as it does on the server; after the end a page with typed text is kept, any other is left.

const WARN_BEFORE_MS = 2 * 60 * 1000;

const dialog = document.getElementById("idle-warning");
// The server lets a session live up to a minute longer than this, see accounts/idle.py: leaving
// sooner would be taken for use and keep it alive.
const SERVER_GRACE_MS = 65 * 1000;
const idleMs = Number(dialog.dataset.minutes) * 60 * 1000 + SERVER_GRACE_MS;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("percorso-idle") : null;
let lastRequest = Date.now();
let over = false;

function show(part) {
  for (const element of dialog.querySelectorAll("[data-idle]")) {
    element.hidden = element.dataset.idle !== part;
  }
  if (!dialog.open) dialog.showModal();
}

// Signing in again gives a new form token; the kept page needs it to be able to save.
async function renewTokens() {
  const page = await (await fetch(dialog.dataset.stay)).text();
  const fresh = new DOMParser()
    .parseFromString(page, "text/html")
    .querySelector("input[name=csrfmiddlewaretoken]");
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    if (fresh) input.value = fresh.value;
  }
}

function signOfLife(told) {
  lastRequest = Date.now();
  if (over) renewTokens();
  over = false;
  if (dialog.open) dialog.close();
  if (!told) tabs?.postMessage("alive");
}

function look() {
  if (over) return;
  const left = lastRequest + idleMs - Date.now();
  if (left <= 0) {
    over = true;
    if (document.querySelector("form[data-dirty]")) show("over");
    else window.location.replace(window.location.pathname + window.location.search);
  } else if (left <= WARN_BEFORE_MS) {
    show("soon");
  }
}

// Any page that does not read a chart will do: it renews the session and leaves no audit trace.
dialog.querySelector("[data-idle-stay]").addEventListener("click", async () => {
  const answer = await fetch(dialog.dataset.stay, { method: "HEAD" });
  if (answer.ok) signOfLife(false);
});
dialog.querySelector("[data-idle-close]").addEventListener("click", () => dialog.close());

tabs?.addEventListener("message", () => signOfLife(true));
document.addEventListener("htmx:afterRequest", (event) => {
  // What the page asks by itself is no use by a person, neither here nor on the server.
  const byItself = "X-Background" in (event.detail.requestConfig?.headers ?? {});
  if (event.detail.successful && !byItself) signOfLife(false);
});
document.addEventListener("session-ended", () => {
  over = true;
  show("over");
});
document.addEventListener("visibilitychange", look);
tabs?.postMessage("alive");
setInterval(look, 15 * 1000);

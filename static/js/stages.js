// Shows only what belongs to the chosen stage; without this script everything is shown, and the
// server says what does not belong.

const ORDER = [
  "referral", "eligibility", "apheresis", "bridging", "lymphodepletion", "infusion", "follow_up",
];

function show(form) {
  const stage = form.elements.namedItem("stage").value;
  const left = form.elements.namedItem("left_stage").value;
  const ended = stage !== "" && !ORDER.includes(stage);
  const reached = stage === "completed" ? "follow_up" : ended ? left : stage;
  for (const part of form.querySelectorAll("[data-from]")) {
    const from = part.dataset.from;
    const typed = [...part.querySelectorAll("input, select")].some((field) => field.value !== "");
    const belongs =
      from === "ended" ? ended : !reached || ORDER.indexOf(from) <= ORDER.indexOf(reached);
    // What was typed is never hidden: it would be refused unseen.
    part.hidden = stage !== "" && !belongs && !typed;
  }
}

for (const form of document.querySelectorAll("form[data-stages]")) {
  show(form);
  form.addEventListener("change", () => show(form));
}

// Shortcuts: an element that names a key in aria-keyshortcuts is what the key stands for.
// Ignored where one types; can be turned off, and everything works without this file.
"use strict";

const TURNED_OFF = "fairuse.shortcuts-off";
const toggle = document.getElementById("shortcuts");
const isOff = () => localStorage.getItem(TURNED_OFF) === "yes";
const showToggle = () => {
  toggle.hidden = false;
  toggle.textContent = isOff() ? "Turn shortcuts on" : "Turn shortcuts off";
  document.body.classList.toggle("no-keys", isOff());
};

const types = (element) =>
  element.matches("textarea, select, input:not([type=radio], [type=checkbox])") || element.isContentEditable;

// One key for several questions: it goes to the first that is not answered yet.
const answered = (element) =>
  "next" in element.dataset && document.querySelector(`[name="${CSS.escape(element.name)}"]:checked`) !== null;

function step(rows, by) {
  const here = rows.indexOf(document.activeElement);
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1);
  rows[next]?.focus();
}

function use(element) {
  if (element.matches("a, button")) return element.click();
  if (element.matches("summary")) {
    element.parentElement.open = true;
    return element.parentElement.querySelector("textarea")?.focus();
  }
  if (element.type === "radio") {
    element.click();
    const reasons = document.querySelector(`.for-${element.value} input`);
    return (element.name === "choice" && reasons ? reasons : element).focus();
  }
  element.focus();
  element.select?.();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.form?.matches(".decision, .step") && event.target.form.requestSubmit();
    return;
  }
  if (event.key === "Escape" && types(event.target)) return event.target.blur();
  if (isOff() || types(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = [...document.querySelectorAll("[data-row]")];
  const shown = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`)]
    .find((element) => element.checkVisibility() && !answered(element));
  if (rows.length && event.key === "j") step(rows, 1);
  else if (rows.length && event.key === "k") step(rows, -1);
  else if (shown) use(shown);
  else return;
  event.preventDefault();
});

if (toggle) {
  showToggle();
  toggle.addEventListener("click", () => {
    localStorage.setItem(TURNED_OFF, isOff() ? "no" : "yes");
    showToggle();
  });
}

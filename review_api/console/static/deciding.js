// Inserts suggested words and counts the grace of a decision down, from what the server said.
// Without this file the button asks the server for the words, and the seconds stand still.
"use strict";

for (const button of document.querySelectorAll("[data-suggests]")) {
  const field = document.getElementById(button.dataset.suggests);
  button.addEventListener("click", (event) => {
    const chosen = [...button.form.querySelectorAll("[data-suggestion]:checked")].find((each) => each.checkVisibility());
    if (!chosen) return; // the server says what is missing
    event.preventDefault();
    const words = chosen.dataset.suggestion;
    if (!field.value.includes(words)) field.value = [field.value.trimEnd(), words].filter(Boolean).join("\n");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  });
}

for (const clock of document.querySelectorAll("[data-grace]")) {
  const shown = clock.querySelector(".num");
  const over = performance.now() + Number(clock.dataset.grace) * 1000;
  if (!shown) continue;
  const timer = setInterval(() => {
    const left = Math.ceil((over - performance.now()) / 1000);
    shown.textContent = left > 0 ? `${left}\u00a0s` : clock.dataset.over;
    if (left <= 0) clearInterval(timer);
  }, 250);
}

// Keeps "lifts itself in" true while the page stays open. Counts from what the server said, so a
// wrong clock in the browser does not matter.
"use strict";

const began = performance.now();
const spans = [...document.querySelectorAll("[data-countdown]")];

function said(seconds) {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  const parts = minutes >= 1440
    ? [[Math.floor(minutes / 1440), "d"], [Math.floor(minutes / 60) % 24, "h"]]
    : [[Math.floor(minutes / 60), "h"], [minutes % 60, "min"]];
  return parts.filter(([n]) => n).map(([n, unit]) => `${n}\u00a0${unit}`).join(" ") || "less than a minute";
}

function show() {
  const passed = (performance.now() - began) / 1000;
  for (const span of spans) span.textContent = said(Number(span.dataset.countdown) - passed);
}

if (spans.length) setInterval(show, 15000);

// Marks the lines of a list whose case somebody takes or changes while the page is open, and counts
// the cases that came. Without this file the page shows what it showed when it was loaded.
"use strict";

const told = document.querySelector("[data-live]");
if (told && "EventSource" in window) listen(told);

function listen(told) {
  const NEW = "opened";
  const source = new EventSource(told.dataset.live);
  let came = 0;
  let seen = false;

  function line(id) {
    const link = [...document.querySelectorAll("[data-row]")].find((each) => each.getAttribute("href").endsWith(`/cases/${id}`));
    return link && link.closest("tr, li");
  }

  function mark(row, words) {
    const cell = row.querySelector("th, td") || row;
    const tag = cell.querySelector(".live") || cell.appendChild(document.createElement("span"));
    tag.className = "live tag";
    tag.textContent = words;
  }

  source.addEventListener("case", (event) => {
    const change = JSON.parse(event.data);
    const row = line(change.case_id);
    if (row && change.what === "claimed") mark(row, `Held by ${change.who}`);
    else if (row && change.what === "claim_ended") mark(row, "Free again");
    else if (row) mark(row, "Changed");
    else if (change.what === NEW) {
      came += 1;
      told.textContent = `${came} new ${came === 1 ? "case" : "cases"} since this page was loaded. `;
      const again = told.appendChild(document.createElement("a"));
      again.href = location.href;
      again.textContent = "Load it again";
    }
  });

  // The server was away, or this page listened too slowly: something may have been missed.
  source.addEventListener("ready", () => {
    if (seen && !came) told.textContent = "The connection was lost for a moment: load the page again to be sure.";
    seen = true;
  });
}

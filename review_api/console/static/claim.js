// Keeps a reviewer's claim while somebody is at the page, counts it down, and says when it is over.
// Without this file the claim lasts its ten minutes, and the buttons renew it.
"use strict";

const bar = document.querySelector("[data-claim]");
if (bar) keep(bar);

function keep(bar) {
  const IDLE = 600000; // nobody touched the page for so long: let the claim lapse
  const left = bar.querySelector("[data-claim-left]");
  const said = bar.querySelector("[data-claim-said]");
  let ends = Date.now() + Number(bar.dataset.seconds) * 1000;
  let touched = Date.now();
  let mine = true;
  bar.querySelector("[data-claim-alive]").hidden = false;

  for (const kind of ["keydown", "pointerdown", "pointermove", "scroll"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  }

  function say(words) {
    if (said.textContent !== words) said.textContent = words;
  }

  function heard(answer) {
    const back = !mine && answer.mine;
    mine = answer.mine;
    ends = Date.now() + (mine ? answer.seconds * 1000 : 0);
    if (answer.version > Number(bar.dataset.version)) {
      say("The case has changed since you opened it. Recording will show what happened before it counts.");
    } else if (!mine && answer.by) {
      say(`${answer.by} has taken this case, because your claim had ended. What you wrote stays here.`);
    } else if (back) {
      say("Nobody else had taken the case: you hold it again.");
    }
  }

  async function beat() {
    if (document.hidden || Date.now() - touched > IDLE) return;
    try {
      const body = new URLSearchParams({ form_word: bar.dataset.word });
      const answer = await fetch(bar.dataset.claim, { method: "POST", body, signal: AbortSignal.timeout(10000) });
      if (answer.ok) heard(await answer.json());
      else if (answer.status === 401) say("You are signed out. Sign in in another tab, and go on here.");
    } catch {
      // The server cannot be reached: the countdown goes on and says when the claim is over.
    }
  }

  function show() {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds || !mine) return;
    mine = false;
    say("Your claim has ended: no heartbeat reached the server. Recording still works unless somebody else took the case.");
  }

  setInterval(show, 1000);
  setInterval(beat, Number(bar.dataset.beat) * 1000);
  addEventListener("visibilitychange", beat);
  show();
}

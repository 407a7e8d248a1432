// A taken question: the time that is left, renewed while somebody is at work.
"use strict";

const box = document.getElementById("lease");
const renewEvery = 60_000;
const lookEvery = 4_000; // no stream of events: browsers allow few of them, and many pages are open
let active = false;
let busy = false;
for (const kind of ["input", "pointerdown", "keydown"]) {
  addEventListener(kind, () => (active = true), { passive: true });
}
function show() {
  for (const span of document.querySelectorAll("[data-until]")) {
    const left = Math.max(0, Math.round((new Date(span.dataset.until) - Date.now()) / 1000));
    span.title = span.title || span.textContent;
    span.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }
}
show();
setInterval(show, 1000);
setInterval(async () => {
  if (!active || busy || !box?.querySelector("[data-mine=yes]")) return;
  active = false;
  busy = true;
  try {
    await htmx.ajax("POST", `${box.dataset.case}/alive`, { target: "#lease" });
  } finally {
    busy = false;
  }
}, renewEvery);

const changed = () => box?.querySelector("[data-changed]");
async function look() {
  if (document.hidden || busy || !box || changed()) return;
  const { pulse } = box.querySelector("[data-pulse]").dataset;
  busy = true;
  try {
    const address = `${box.dataset.live}&seen=${encodeURIComponent(pulse)}`;
    await htmx.ajax("GET", address, { target: "#lease", swap: "innerMorph" });
  } finally {
    busy = false;
  }
  show();
  if (!changed()) return;
  for (const button of document.querySelectorAll('form[action^="/desk/q/"] button')) {
    button.disabled = !button.form.action.endsWith("/comment"); // somebody else has done it
  }
}
setInterval(look, lookEvery);
document.addEventListener("visibilitychange", look);
if (document.querySelector(".comments")) fetch(`${box.dataset.case}/seen`, { method: "POST" });

// A taken question: the time that is left, renewed while somebody is at work.
"use strict";

const box = document.getElementById("lease");
const renewEvery = 60_000;
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
  if (!active || busy || !box?.dataset.mine) return;
  active = false;
  busy = true;
  try {
    await htmx.ajax("POST", `${box.dataset.case}/alive`, { target: "#lease" });
  } finally {
    busy = false;
  }
}, renewEvery);
if (document.querySelector(".comments")) fetch(`${box.dataset.case}/seen`, { method: "POST" });

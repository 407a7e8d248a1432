// Small helps on the desk: counters, ready-made reasons, copying, the half minute of undo.
"use strict";

for (const area of document.querySelectorAll("[data-limit]")) {
  const limit = Number(area.dataset.limit);
  const output = document.getElementById(`count-${area.id}`);
  const count = () => {
    const length = Array.from(area.value.trim()).length;
    output.value = String(length);
    output.classList.toggle("over", length > limit);
  };
  area.addEventListener("input", count);
  count();
}

for (const button of document.querySelectorAll("[data-fill]")) {
  button.addEventListener("click", () => {
    const target = document.getElementById(button.dataset.fill);
    target.value = button.dataset.text;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.focus();
  });
}

for (const form of document.querySelectorAll("[data-vanish]")) {
  setTimeout(() => form.remove(), Number(form.dataset.vanish) * 1000);
}

for (const late of document.querySelectorAll("[data-appear]")) {
  setTimeout(() => (late.hidden = false), Number(late.dataset.appear) * 1000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) button.remove(); // only where the page came over https, or locally
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.copied;
  });
}

// What is written stays on the page, whatever becomes of the session or the line.
const notice = document.getElementById("notice");
const writing = document.querySelector("form#answer, form#revise");
const cut = () => notice?.querySelector(".alert");
const ofQueue = (event) => event.detail.ctx?.sourceElement?.id === "cards";
function unsaved(event) {
  if (!notice || ofQueue(event)) return;
  const box = document.createElement("p");
  box.className = "alert warn";
  box.dataset.notice = "unsaved";
  box.textContent = notice.dataset.unsaved;
  notice.replaceChildren(box);
}
addEventListener("htmx:error", unsaved);
addEventListener("htmx:response:error", (event) => {
  if (![401, 403].includes(event.detail.ctx.response.status)) unsaved(event);
});
addEventListener("htmx:after:request", (event) => {
  if (cut() && !ofQueue(event) && event.detail.ctx.response.status < 400) notice.replaceChildren();
});
addEventListener("focus", () => {
  if (cut() && writing) writing.dispatchEvent(new Event("input", { bubbles: true })); // try again
});
writing?.addEventListener("submit", (event) => {
  if (cut()?.dataset.notice !== "ended") return;
  event.preventDefault();
  notice.scrollIntoView();
});

const problem = document.querySelector("[role=alert]");
if (problem) {
  problem.tabIndex = -1;
  problem.focus();
}

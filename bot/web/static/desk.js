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

const problem = document.querySelector("[role=alert]");
if (problem) {
  problem.tabIndex = -1;
  problem.focus();
}

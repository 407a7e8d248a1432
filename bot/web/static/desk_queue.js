// The queue: live, and by keyboard.
"use strict";

const cards = document.getElementById("cards");
const stale = document.getElementById("stale");
let events = null;
let over = false; // the session or the room for listeners has ended: the list goes on by itself
const renew = () => htmx.trigger(cards, "renew");
function listen() {
  events = new EventSource(cards.dataset.events);
  events.addEventListener("changed", renew);
  events.addEventListener("open", () => {
    if (!stale.hidden) renew();
    stale.hidden = true;
  });
  events.addEventListener("error", () => {
    if (!over) stale.hidden = false;
  });
  for (const name of ["ended", "crowded"]) {
    events.addEventListener(name, () => {
      over = true;
      events.close(); // the page goes on renewing itself every half minute
      renew();
    });
  }
}
listen();
const ofCards = (event) => event.detail.ctx?.sourceElement === cards;
addEventListener("htmx:error", (event) => ofCards(event) && (stale.hidden = false));
addEventListener("htmx:after:request", (event) => {
  if (!ofCards(event)) return;
  const failed = event.detail.ctx.response.status >= 400;
  if (failed || over) stale.hidden = !failed;
  else if (events.readyState === EventSource.CLOSED) listen();
});
addEventListener("htmx:after:swap", () => {
  const count = cards.querySelector("[data-open]")?.dataset.open;
  if (count) document.title = document.title.replace(/\(\d+\)/, `(${count})`);
});
addEventListener("pagehide", () => events.close());
addEventListener("pageshow", (event) => event.persisted && listen());

const links = () => Array.from(cards.querySelectorAll(".card h2 a"));
function move(step) {
  const all = links();
  const card = document.activeElement.closest?.(".card");
  const at = all.findIndex((link) => card && card.contains(link));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  all[Math.max(0, Math.min(all.length - 1, next))]?.focus();
}
const shortcuts = {
  j: () => move(1),
  k: () => move(-1),
  t: () => document.activeElement.closest?.(".card")?.querySelector("form.take")?.requestSubmit(),
  "/": () => document.getElementById("f-text").focus(),
  "?": () => {
    const help = document.getElementById("keys");
    help.open = !help.open;
    help.querySelector("summary").focus();
  },
};
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const shortcut = shortcuts[event.key];
  if (!shortcut) return;
  event.preventDefault();
  shortcut();
});

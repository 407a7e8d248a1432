// The messenger page: shows mailbox lines, sends messages until they are surely kept.
"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const log = document.getElementById("log");
const box = document.getElementById("text");
const language = document.documentElement.lang;
const lines = new Map(); // by message id of the asker, or by number of our line
const pending = new Map(); // sent, but not yet surely kept
const SHORT = 700; // longer messages are folded
let last = 0;
let editing = null;
let lastDay = "";
let typingTimer = 0;

const make = (tag, className = "", text = "") => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

// crypto.randomUUID does not exist on plain http pages.
const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

// --- showing -----------------------------------------------------------------------------

const clock = (at) =>
  new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });

const dayName = (at) => {
  const date = new Date(at);
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return words.today;
  if (date.toDateString() === yesterday.toDateString()) return words.yesterday;
  return date.toLocaleDateString(language, { day: "numeric", month: "long", year: "numeric" });
};

const LINK =
  /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])|\b([\w.-]+(?::\d+)?\/p\/\d+)\b|(?<![\w/])(\/[a-z]{2,15})\b/g;

const linkTo = (match) => {
  const anchor = make("a", "", match[0]);
  anchor.href = match[1] || `${location.protocol}//${match[2]}`;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  return anchor;
};

const commandIn = (text) => {
  const button = make("button", "command", text);
  button.type = "button";
  button.addEventListener("click", () => say(text));
  return button;
};

// Only our own words get live links; what people forward may be a trap.
const fillLinked = (element, text) => {
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    element.append(text.slice(end, match.index));
    element.append(match[3] ? commandIn(match[3]) : linkTo(match));
    end = match.index + match[0].length;
  }
  element.append(text.slice(end));
};

const paragraph = (block) => {
  const quote = block.style === "quote";
  const element = make(quote ? "blockquote" : "p", block.style === "strong" ? "strong" : "");
  element.dir = "auto";
  if (quote) element.textContent = block.text;
  else fillLinked(element, block.text);
  return element;
};

const folded = (text) => {
  const element = make("p");
  element.dir = "auto";
  if (text.length <= SHORT) {
    element.textContent = text;
    return element;
  }
  const shown = make("span", "", `${Array.from(text).slice(0, SHORT).join("")}… `);
  const more = make("button", "more", words.more);
  more.type = "button";
  more.addEventListener("click", () => {
    element.textContent = text;
    element.tabIndex = -1;
    element.focus();
  });
  element.append(shown, more);
  return element;
};

const textOf = (line) =>
  line.ours ? (line.blocks || []).map((block) => block.text).join("\n") : line.text;

const quoted = (ref) => {
  const target = lines.get(ref);
  if (!target) return null;
  const link = make("a", "quoted");
  link.href = `#${target.element.id}`;
  link.append(make("span", "unseen", `${words.to_quoted}: `));
  link.append(make("b", "", target.line.ours ? words.bot : words.you));
  link.append(make("span", "", textOf(target.line).slice(0, 160)));
  link.addEventListener("click", (event) => {
    event.preventDefault();
    target.element.scrollIntoView({ block: "center" });
    target.element.classList.add("flash");
    setTimeout(() => target.element.classList.remove("flash"), 1600);
  });
  return link;
};

const keys = (line) => {
  const rows = make("div", "keys");
  for (const row of line.buttons || []) {
    const group = make("div", "row");
    for (const button of row) group.append(key(line, button));
    rows.append(group);
  }
  return rows.childElementCount ? rows : null;
};

const key = (line, button) => {
  const element = make(button.url ? "a" : "button", "key", button.label);
  if (button.hint) element.append(make("small", "", button.hint));
  if (button.url) {
    element.href = /^https?:\/\//.test(button.url) ? button.url : "#";
    element.target = "_blank";
    element.rel = "noopener noreferrer";
    return element;
  }
  element.type = "button";
  element.dataset.press = button.data;
  element.addEventListener("click", () => press(line.seq, button.data, element));
  return element;
};

const ticks = (state) => {
  const element = make("span", `ticks ${state}`);
  element.textContent = { sending: "🕓", sent: "✓", read: "✓✓", unsent: "!" }[state];
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", words[state === "unsent" ? "sending" : state]);
  return element;
};

const meta = (line, state) => {
  const element = make("p", "meta");
  if (!line.ours && state !== "sending" && state !== "unsent") {
    const edit = make("button", "edit", "✎");
    edit.type = "button";
    edit.setAttribute("aria-label", words.edit);
    edit.title = words.edit;
    edit.addEventListener("click", () => startEditing(line));
    element.append(edit);
  }
  if (line.edited) element.append(make("span", "", words.edited));
  const time = make("time", "", clock(line.at));
  time.dateTime = line.at;
  element.append(time);
  if (!line.ours) element.append(ticks(state));
  return element;
};

const paint = (entry) => {
  const { element, line, state } = entry;
  element.className = `line ${line.ours ? "ours" : "mine"}`;
  element.replaceChildren();
  const bubble = make("div", "bubble");
  bubble.append(make("b", "unseen", line.ours ? words.bot : words.you));
  if (line.forwarded) bubble.append(make("p", "forwarded", `↪ ${words.forwarded}`));
  const quote = line.quote && quoted(line.quote);
  if (quote) bubble.append(quote);
  const text = make("div", "text");
  if (line.ours) text.append(...(line.blocks || []).map(paragraph));
  else text.append(folded(line.text));
  bubble.append(text, meta(line, state));
  element.append(bubble);
  if (state === "unsent") {
    const again = make("button", "again", `${words.unsent} ${words.resend}`);
    again.type = "button";
    again.addEventListener("click", () => post(entry));
    element.append(again);
  }
  const buttons = line.ours && keys(line);
  if (buttons) element.append(buttons);
};

const nearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 140;

const follow = (always = false) => {
  if (always) log.scrollTop = log.scrollHeight;
  document.getElementById("down").hidden = nearEnd();
};

const add = (line, state) => {
  const stay = !nearEnd() && line.ours;
  const day = dayName(line.at);
  if (day !== lastDay) {
    log.append(make("p", "day", day));
    lastDay = day;
  }
  const entry = { line, state, element: make("article") };
  entry.element.id = `m-${line.seq || line.id}`;
  lines.set(line.ours ? String(line.seq) : line.id, entry);
  paint(entry);
  log.append(entry.element);
  document.getElementById("welcome").hidden = true;
  follow(!stay);
  return entry;
};

const markRead = () => {
  for (const entry of lines.values()) {
    if (!entry.line.ours && entry.state === "sent") {
      entry.state = "read";
      entry.element.querySelector(".ticks")?.replaceWith(ticks("read"));
    }
  }
};

const markPressed = (line) => {
  const entry = lines.get(line.ref);
  for (const button of entry?.element.querySelectorAll("[data-press]") || []) {
    button.classList.toggle("chosen", button.dataset.press === line.button);
  }
};

// A line on its way may be in the hands of another tab, or of this page before it was reloaded.
const stateOf = (line) => {
  if (line.state === "sent") return "sent";
  return Date.now() - Date.parse(line.at) < 20000 ? "sending" : "unsent";
};

const lookAgain = async (line) => {
  const response = await fetch(`/chat/lines?after=${line.seq - 1}`).catch(() => null);
  const page = response?.ok ? await response.json() : { lines: [line] };
  page.lines.filter((now) => now.id === line.id && now.kind === line.kind).forEach(apply);
};

// One line of the mailbox, new or seen before: showing it twice changes nothing.
const apply = (line) => {
  last = Math.max(last, line.seq);
  if (line.kind === "press") return markPressed(line);
  if (line.kind === "edit") {
    const entry = lines.get(line.ref);
    if (!entry) return;
    const change = line.ours
      ? { blocks: line.blocks, buttons: line.buttons }
      : { text: line.text, edited: true };
    entry.line = { ...entry.line, ...change };
    paint(entry);
    if (line.ours) stopTyping();
    return;
  }
  const known = lines.get(line.ours ? String(line.seq) : line.id);
  if (line.ours) {
    stopTyping();
    markRead();
    if (!known) add(line, "");
    return;
  }
  const state = stateOf(line);
  if (state === "sending" && !pending.has(line.id)) setTimeout(() => lookAgain(line), 4000);
  if (!known) {
    add(line, state);
  } else if (!pending.has(line.id) || state === "sent") {
    known.line = { ...line, edited: known.line.edited, text: known.line.text };
    known.state = known.state === "read" ? "read" : state;
    paint(known);
  }
};

// --- typing and toasts -------------------------------------------------------------------

const status = document.getElementById("status");
const typing = document.getElementById("typing");

const showTyping = () => {
  status.textContent = words.typing;
  log.append(typing);
  typing.hidden = false;
  if (nearEnd()) follow(true);
  clearTimeout(typingTimer);
  typingTimer = setTimeout(stopTyping, 15000);
};

const stopTyping = () => {
  clearTimeout(typingTimer);
  typing.hidden = true;
  status.textContent = words.online;
};

let toastTimer = 0;
const toast = (text) => {
  if (!text) return;
  const element = document.getElementById("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (element.hidden = true), 4500);
};

// --- sending -----------------------------------------------------------------------------

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const request = (body) =>
  fetch("/chat/send", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

const REFUSED = { 413: "too_long", 422: "too_long", 429: "too_many" };

// Sends the same id again and again until the server has surely kept it. True when it has.
const keepSending = async (body) => {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    try {
      const response = await request(body);
      if (response.ok) return true;
      if (response.status === 404) location.reload();
      if (REFUSED[response.status]) {
        toast(words[REFUSED[response.status]]);
        return false;
      }
      if (attempt === 1) toast(words.busy);
    } catch {
      status.textContent = words.offline;
    }
    await pause(Math.min(8, 0.5 * 2 ** attempt));
  }
  return false;
};

const post = async (entry) => {
  const { line } = entry;
  entry.state = "sending";
  pending.set(line.id, entry);
  paint(entry);
  const after = line.seq ? line.seq - 1 : last;
  const kept = await keepSending({
    id: line.id,
    kind: "message",
    text: line.text,
    forwarded: line.forwarded,
    after,
  });
  pending.delete(line.id);
  if (entry.state === "sending") {
    entry.state = kept ? "sent" : "unsent";
    paint(entry);
  }
  if (kept && typing.hidden && !answeredAfter(entry)) showTypingSoon(entry);
};

const answeredAfter = (entry) => {
  for (let next = entry.element.nextElementSibling; next; next = next.nextElementSibling) {
    if (next.classList.contains("ours")) return true;
  }
  return false;
};

const showTypingSoon = (entry) =>
  setTimeout(() => {
    if (!answeredAfter(entry)) showTyping();
  }, 300);

const say = (text, forwarded = false) => {
  const line = {
    id: newId(),
    kind: "message",
    ours: false,
    at: new Date().toISOString(),
    text,
    forwarded,
  };
  const entry = add(line, "sending");
  follow(true);
  post(entry);
};

const press = async (seq, data, element) => {
  element.classList.add("pressing");
  const kept = await keepSending({
    id: newId(),
    kind: "press",
    button: data,
    ref: String(seq),
    after: last,
  });
  element.classList.remove("pressing");
  if (kept) markPressed({ ref: String(seq), button: data });
};

const startEditing = (line) => {
  editing = line;
  box.value = lines.get(line.id).line.text;
  document.getElementById("editing").hidden = false;
  grow();
  box.focus();
};

const stopEditing = () => {
  editing = null;
  box.value = "";
  document.getElementById("editing").hidden = true;
  grow();
};

const correct = async (line, text) => {
  const entry = lines.get(line.id);
  const before = entry.line;
  entry.line = { ...before, text, edited: true };
  paint(entry);
  const id = newId();
  if (!(await keepSending({ id, kind: "edit", text, ref: line.id, after: last }))) {
    entry.line = before;
    paint(entry);
  }
};

// --- listening ---------------------------------------------------------------------------

const catchUp = async () => {
  let more = true;
  while (more) {
    const response = await fetch(`/chat/lines?after=${last}`);
    if (!response.ok) throw new Error(String(response.status));
    const page = await response.json();
    page.lines.forEach(apply);
    more = page.more;
  }
};

const poll = async () => {
  for (;;) {
    await pause(2);
    try {
      await catchUp();
      if (typing.hidden) status.textContent = words.online;
    } catch {
      status.textContent = words.offline;
    }
  }
};

const listen = (failures = 0) => {
  if (!window.EventSource || failures > 3) return void poll();
  const source = new EventSource(`/chat/events?after=${last}`);
  let opened = false;
  source.addEventListener("open", () => {
    opened = true;
    status.textContent = words.online;
  });
  source.addEventListener("line", (event) => apply(JSON.parse(event.data)));
  source.addEventListener("typing", () => {
    markRead();
    showTyping();
  });
  source.addEventListener("toast", (event) => toast(JSON.parse(event.data).text));
  source.addEventListener("crowded", () => {
    source.close();
    poll();
  });
  source.addEventListener("error", () => {
    source.close();
    status.textContent = words.offline;
    setTimeout(() => listen(opened ? 0 : failures + 1), 1500);
  });
};

// --- hands -------------------------------------------------------------------------------

const grow = () => {
  box.rows = Math.min(6, Math.max(1, box.value.split("\n").length + Math.floor(box.value.length / 60)));
};

const submit = () => {
  const text = box.value.trim();
  if (!text) return;
  const line = editing;
  stopEditing();
  if (line) correct(line, text);
  else say(text);
};

document.getElementById("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
  box.focus();
});
box.addEventListener("input", grow);
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && editing) return stopEditing();
  const plain = !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches;
  if (event.key === "Enter" && plain) {
    event.preventDefault();
    submit();
  }
});
document.getElementById("cancel").addEventListener("click", stopEditing);

const sheet = document.getElementById("samples");
for (const opener of document.querySelectorAll("[data-open]")) {
  opener.addEventListener("click", () => sheet.showModal());
}
sheet.addEventListener("click", (event) => {
  if (event.target === sheet || event.target.closest("[data-close]")) sheet.close();
});
for (const sample of sheet.querySelectorAll(".sample")) {
  sample.addEventListener("click", () => {
    sheet.close();
    say(sample.querySelector(".text").textContent, "forwarded" in sample.dataset);
  });
}

const menu = document.querySelector(".menu");
for (const command of menu.querySelectorAll("[data-say]")) {
  command.addEventListener("click", () => {
    menu.open = false;
    say(command.dataset.say);
  });
}
document.addEventListener("click", (event) => {
  if (menu.open && !menu.contains(event.target)) menu.open = false;
});
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

log.addEventListener("scroll", () => follow(), { passive: true });
document.getElementById("down").addEventListener("click", () => follow(true));

catchUp().catch(() => {}).finally(() => listen());

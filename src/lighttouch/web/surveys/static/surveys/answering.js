// Saves each answer as it is given. Nothing is left in the browser; the page works without this.
const PATIENCE = [1000, 2000, 5000, 10000]; // milliseconds before each further try
const TYPING = 800; // milliseconds of rest after which typed words are saved

const form = document.querySelector("form[data-survey]");
const status = form?.querySelector("[data-saved]");

function tell(words, waiting = false) {
  if (status.textContent !== words) status.textContent = words;
  status.classList.toggle("lt-saved--waiting", waiting);
}

// Everything the form says about one item: its name, and what begins with its name and a dot.
function fieldsOf(item) {
  const found = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (name === item || name.startsWith(`${item}.`)) found.append(name, value);
  }
  return found;
}

const waiting = new Set(); // items not saved yet, in the order they were answered
const since = new Map(); // when an item was last sent
let lookedAt = performance.now();
let sending = null;
let tries = 0;
let over = false;
let leaving = false; // the form itself takes along whatever is not saved yet

async function send(item) {
  const body = fieldsOf(item);
  const seconds = since.get(item);
  if (seconds !== undefined) body.append(`${item}.seconds`, String(seconds));
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(form.dataset.survey, {
    method: "POST", body, credentials: "same-origin", redirect: "error",
    signal: AbortSignal.timeout(15000),
  });
  if (answer.ok) return "saved";
  if (answer.status === 409 || answer.status === 422) return (await answer.json()).state;
  if (answer.status === 403 || answer.status === 404) return "lost";
  throw new Error("not saved");
}

const pause = (time) => new Promise((resume) => {
  const timer = setTimeout(resume, time);
  window.addEventListener("online", () => { clearTimeout(timer); resume(); }, { once: true });
});

async function sendAll() {
  while (waiting.size && !over) {
    const [item] = waiting;
    waiting.delete(item); // an answer changed while it is on its way goes again
    try {
      const state = await send(item);
      tries = 0;
      if (state === "closed") { over = true; tell("The survey has closed. What was saved before is kept; this answer is not.", true); }
      else if (state === "lost") { over = true; tell("Not saved. Press Save and continue.", true); }
      else if (state === "wrong") tell("Not saved: please check the answer you just gave.", true);
      else if (!waiting.size) tell("Saved");
    } catch {
      waiting.add(item);
      tell("Not saved yet, trying again", true);
      await pause(PATIENCE[Math.min(tries++, PATIENCE.length - 1)]);
    }
  }
  sending = null;
}

function note(item) {
  const now = performance.now();
  since.set(item, Math.min(86400, Math.round((now - lookedAt) / 1000)));
  lookedAt = now;
  waiting.add(item);
  if (!over) sending ??= sendAll();
}

function itemOf(target) {
  return target.closest?.("[data-item]")?.dataset.item;
}

// "Prefer not to say" and an answer put one another away.
function settle(target) {
  const item = itemOf(target);
  const silent = form.elements[`${item}.silent`];
  if (!silent) return;
  const others = [...form.querySelectorAll(`[data-item="${item}"] input`)].filter((one) => one !== silent);
  if (target === silent) {
    if (silent.checked) others.forEach((one) => (one.type === "checkbox" ? (one.checked = false) : (one.value = "")));
  } else if (target.type === "checkbox" ? target.checked : target.value) {
    silent.checked = false;
  }
}

if (form) {
  const typing = new Map();
  form.addEventListener("change", (event) => {
    const item = itemOf(event.target);
    if (!item) return;
    clearTimeout(typing.get(item));
    typing.delete(item);
    settle(event.target);
    note(item);
  });
  form.addEventListener("input", (event) => {
    const item = itemOf(event.target);
    if (!item || !event.target.matches("textarea")) return;
    clearTimeout(typing.get(item));
    typing.set(item, setTimeout(() => { typing.delete(item); note(item); }, TYPING));
  });
  form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && (waiting.size || typing.size) && !over) event.preventDefault();
  });
}

// One part of the questionnaire in sight at a time, each answer saved as it is given. What is not
// saved waits in memory; nothing is left in the browser. Without this the page is one long form.
(() => {
  "use strict";
  const PATIENCE = [1000, 2000, 5000, 10000]; // milliseconds before each further try
  const TYPING = 800; // milliseconds of rest after which typed words are saved

  // A page that answered a form gets an address of its own, so that to load it again sends nothing.
  const place = document.querySelector("[data-place]")?.dataset.place;
  if (place) history.replaceState(null, "", place);

  const form = document.querySelector("form[data-survey]");
  if (!form) return;
  const status = form.querySelector("[data-saved]");
  const parts = [...form.querySelectorAll("[data-part]")];
  const items = [...form.querySelectorAll("[data-item]")];
  const total = Number(form.dataset.total);
  const howFar = document.querySelector("[data-how-far]");
  const itemOf = (target) => target.closest?.("[data-item]")?.dataset.item;

  // ---- Saving -------------------------------------------------------------------------------

  const waiting = new Set(); // items not saved yet, in the order they were answered
  const typing = new Map(); // items being typed, with their timers
  const took = new Map(); // seconds that an item was in sight before it was answered
  let lookedAt = performance.now();
  let sending = null;
  let tries = 0;
  let over = false;
  let leaving = false; // the form itself takes along whatever is not saved yet

  function tell(words, isWaiting = false) {
    if (status.textContent !== words) status.textContent = words;
    status.classList.toggle("lt-saved--waiting", isWaiting);
  }

  // Everything the form says about one item: its name, and what begins with its name and a dot.
  // What had been saved before is left out: here every answer that is sent is meant to be kept.
  function fieldsOf(item) {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const isItem = name === item || name.startsWith(`${item}.`);
      if (isItem && name !== `${item}.was`) found.append(name, value);
    }
    if (!found.size) found.append(item, "");
    return found;
  }

  async function send(item) {
    const body = fieldsOf(item);
    if (took.has(item)) body.append(`${item}.seconds`, String(took.get(item)));
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
        if (state === "closed") {
          over = true;
          tell("The survey has closed. What was saved before is kept; this answer is not.", true);
        } else if (state === "lost") {
          over = true;
          waiting.add(item);
          tell("Not saved. Open your link again.", true);
        } else if (state === "wrong") {
          mark(item, false);
          tell("Not saved: please check the answer you just gave.", true);
        } else {
          mark(item, true);
          if (!waiting.size) tell("Saved");
        }
      } catch {
        waiting.add(item);
        tell("Not saved yet, trying again", true);
        await pause(PATIENCE[Math.min(tries++, PATIENCE.length - 1)]);
      }
    }
    sending = null;
  }

  // What is saved need not be sent again with the form; what is wrong is shown there once more.
  function mark(item, isSaved) {
    const box = form.querySelector(`[data-item="${item}"]`);
    const field = box.querySelector(".govuk-input, .govuk-textarea");
    field?.classList.toggle("govuk-input--error", !isSaved);
    if (isSaved) { box.dataset.saved = ""; field?.removeAttribute("aria-invalid"); }
    else { delete box.dataset.saved; field?.setAttribute("aria-invalid", "true"); }
  }

  function note(item) {
    const now = performance.now();
    const before = took.get(item) ?? 0;
    took.set(item, Math.min(86400, before + Math.round((now - lookedAt) / 1000)));
    lookedAt = now;
    delete form.querySelector(`[data-item="${item}"]`).dataset.saved;
    waiting.add(item);
    showHowFar();
    if (!over) sending ??= sendAll();
  }

  // "Prefer not to say" and an answer put one another away.
  function settle(target) {
    const item = itemOf(target);
    const silent = form.elements[`${item}.silent`];
    if (!silent) return;
    const others = [...form.querySelectorAll(`[data-item="${item}"] input`)]
      .filter((one) => one !== silent && one.type !== "hidden");
    if (target === silent) {
      if (silent.checked) others.forEach((one) => (one.type === "checkbox" ? (one.checked = false) : (one.value = "")));
    } else if (target.type === "checkbox" ? target.checked : target.value) {
      silent.checked = false;
    }
  }

  // Where one answer is chosen, own words choose theirs, and another answer puts them away.
  function settleOwnWords(target) {
    const item = itemOf(target);
    const words = form.elements[`${item}.other`];
    const radios = [...form.querySelectorAll(`input[type="radio"][name="${item}"]`)];
    if (!words || !radios.length) return;
    const own = radios.filter((one) => one.value !== "~").at(-1);
    if (target === words) own.checked = own.checked || Boolean(words.value.trim());
    else if (target !== own) words.value = "";
  }

  form.addEventListener("change", (event) => {
    const item = itemOf(event.target);
    if (!item) return;
    clearTimeout(typing.get(item));
    typing.delete(item);
    settle(event.target);
    settleOwnWords(event.target);
    note(item);
  });
  form.addEventListener("input", (event) => {
    const item = itemOf(event.target);
    if (!item || !event.target.matches("textarea")) return;
    clearTimeout(typing.get(item));
    typing.set(item, setTimeout(() => { typing.delete(item); note(item); }, TYPING));
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && (waiting.size || typing.size) && !over) event.preventDefault();
  });
  // Only what is not saved yet goes along with the form: a page that lay open must not undo what
  // was changed on another device.
  form.addEventListener("formdata", (event) => {
    if (!leaving) return;
    for (const box of items) {
      const item = box.dataset.item;
      const isOpen = waiting.has(item) || typing.has(item) || sending !== null;
      const names = new Set([...event.formData.keys()].filter((name) => name === item || name.startsWith(`${item}.`)));
      if (!isOpen || "saved" in box.dataset) names.forEach((name) => event.formData.delete(name));
      else if (took.has(item)) event.formData.append(`${item}.seconds`, String(took.get(item)));
    }
  });

  // ---- Going from part to part --------------------------------------------------------------

  function isAnswered(box) {
    if ("elsewhere" in box.dataset) return true;
    return [...box.querySelectorAll("input, textarea")].some((one) =>
      one.type === "radio" || one.type === "checkbox" ? one.checked : one.type !== "hidden" && one.value.trim() !== "");
  }

  const gapsOf = (part) => [...part.querySelectorAll("[data-item]")].filter((box) => !isAnswered(box)).length;
  const said = (part) => {
    const { first, last } = part.dataset;
    return first === last ? `Question ${first}` : `Questions ${first} to ${last}`;
  };

  let shown = null;

  function showHowFar() {
    const done = items.filter(isAnswered).length;
    const words = shown && !("check" in shown.dataset)
      ? `${said(shown)} of ${total}`
      : `${done} of ${total} answered`;
    const text = howFar.querySelector("p");
    if (text.textContent !== words) text.textContent = words;
    howFar.querySelector("progress").value = done;
  }

  function showGaps(part) {
    const place = part.querySelector("[data-gaps]");
    const left = parts.filter((one) => one !== part && gapsOf(one));
    part.querySelector("[data-may-leave]").hidden = !left.length;
    part.querySelector("h2").textContent = left.length ? "Before you finish" : "That is everything";
    const words = document.createElement("p");
    words.className = "govuk-body";
    words.textContent = `You answered ${items.filter(isAnswered).length} of ${total} questions.`
      + (left.length ? " Left open, if you want to go back:" : "");
    const list = document.createElement("ul");
    list.className = "govuk-list govuk-list--spaced";
    for (const one of left) {
      const line = list.appendChild(document.createElement("li"));
      const link = line.appendChild(document.createElement("a"));
      link.className = "govuk-link";
      link.href = `#${one.id}`;
      link.textContent = said(one);
      line.append(`: ${gapsOf(one)} open`);
    }
    place.replaceChildren(words, ...(left.length ? [list] : []));
  }

  function show(part, takesFocus) {
    if (shown === part) return;
    parts.forEach((one) => one.classList.toggle("lt-part--shown", one === part));
    shown = part;
    if ("check" in part.dataset) showGaps(part);
    showHowFar();
    lookedAt = performance.now();
    if (!takesFocus) return;
    window.scrollTo(0, 0);
    part.querySelector("h2").focus({ preventScroll: true });
  }

  function go(part) {
    if (!part || part === shown) return;
    history.pushState(null, "", `#${part.id}`);
    show(part, true);
  }

  const partOf = (hash) => {
    const target = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    return target?.closest("[data-part]");
  };
  const next = (by) => parts[parts.indexOf(shown) + by];

  window.addEventListener("popstate", () => show(partOf(location.hash) ?? parts[0], true));
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button, a[href^='#']");
    if (!button) return;
    if (button.matches("[data-go-on]")) { event.preventDefault(); go(next(1)); }
    else if (button.matches("[data-back]")) go(next(-1));
    else if (button.matches("a")) { event.preventDefault(); go(partOf(button.hash)); }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
    go(next(1));
  });
  form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("pageshow", () => (leaving = false));
  for (const link of document.querySelectorAll(".govuk-error-summary a")) {
    link.addEventListener("click", (event) => {
      const field = document.getElementById(link.hash.slice(1));
      event.preventDefault();
      go(partOf(link.hash));
      (field.matches("input, textarea") ? field : field.querySelector("input"))?.focus();
    });
  }

  document.documentElement.classList.add("lt-live");
  howFar.hidden = false;
  form.querySelectorAll("[data-back]").forEach((one) => (one.hidden = parts[0].contains(one)));
  const wrong = form.querySelector("[aria-invalid]")?.closest("[data-part]");
  const open = parts.find((one) => gapsOf(one)) ?? parts.at(-1);
  const first = wrong ?? partOf(location.hash) ?? open;
  history.replaceState(null, "", `#${first.id}`);
  show(first, false);
})();

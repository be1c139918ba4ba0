// Checks the trial file while it is written, and takes the cursor to the line of a fault.
const form = document.querySelector("form[data-check]");
const text = form.querySelector("textarea[name=text]");
const desk = form.querySelector(".pr-editor");
const gutter = form.querySelector(".pr-gutter");
const result = form.querySelector("[data-result]");
const said = form.querySelector("[data-status]");
const PAUSE = 600;
let waiting;
let asking;
let saved = text.value;

const LINE = Number.parseFloat(getComputedStyle(text).lineHeight);

const number = (count) => {
  const wrong = (result.querySelector("[data-lines]")?.dataset.lines ?? "").split(" ");
  const parts = [""];
  for (let line = 1; line <= count; line += 1) {
    const words = `${line > 1 ? "\n" : ""}${line}`;
    if (!wrong.includes(String(line))) {
      parts[parts.length - 1] += words;
      continue;
    }
    const mark = document.createElement("span");
    mark.className = "pr-wrong";
    mark.id = `line-${line}`;
    mark.textContent = String(line);
    parts[parts.length - 1] += line > 1 ? "\n" : "";
    parts.push(mark, "");
  }
  gutter.replaceChildren(...parts);
};

const fit = () => {
  const lines = text.value.split("\n");
  text.rows = lines.length + 1;
  text.cols = Math.max(40, ...lines.map((line) => line.length)) + 2;
  number(lines.length);
};

const check = async () => {
  asking?.abort();
  asking = new AbortController();
  result.classList.add("pr-checking");
  const fields = new URLSearchParams({
    csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    text: text.value,
  });
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST",
      body: fields,
      signal: asking.signal,
    });
    if (!answer.ok || answer.redirected) throw new Error("no answer");
    result.innerHTML = await answer.text();
    said.textContent = result.querySelector("[data-say]")?.textContent ?? "";
    fit();
  } catch (fault) {
    if (fault.name === "AbortError") return;
    said.textContent = "The file could not be checked just now. Your text is still here.";
  }
  result.classList.remove("pr-checking");
};

text.addEventListener("input", () => {
  fit();
  clearTimeout(waiting);
  waiting = setTimeout(check, PAUSE);
});

result.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const chosen = Math.min(Number(link.dataset.line), lines.length);
  const start = lines.slice(0, chosen - 1).reduce((sum, line) => sum + line.length + 1, 0);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, start + lines[chosen - 1].length);
  desk.scrollTo({ top: Math.max(0, (chosen - 4) * LINE), left: 0 });
  desk.scrollIntoView({ block: "nearest" });
});

form.addEventListener("submit", (event) => {
  if (event.submitter?.value === "check") {
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(waiting);
    check();
    result.focus();
    return;
  }
  saved = text.value;
}, { capture: true });

window.addEventListener("beforeunload", (event) => {
  if (text.value !== saved) event.preventDefault();
});

fit();

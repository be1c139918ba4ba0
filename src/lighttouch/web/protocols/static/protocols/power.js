// Shows the power again whenever an assumption changes.
const form = document.querySelector("form[data-result]");
const place = document.querySelector("[data-place]");
const said = document.querySelector("[data-status]");
const PAUSE = 350;
let waiting;
let asking;

const show = async () => {
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams(new FormData(form)).toString();
  try {
    const answer = await fetch(`${form.dataset.result}?${query}`, { signal: asking.signal });
    if (!answer.ok || answer.redirected) return;
    place.innerHTML = await answer.text();
    history.replaceState(null, "", `?${query}`);
    const power = place.querySelector("[data-say-power]")?.dataset.sayPower;
    said.textContent = power ? `Power ${power}` : place.querySelector("[data-say]")?.textContent ?? "";
  } catch (fault) {
    if (fault.name !== "AbortError") said.textContent = "The power could not be shown just now.";
  }
};

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
});

// Fetches a piece of a page again and again: <div data-refresh="5" data-from="/piece/">…</div>.
// An element inside with data-stop ends it, and with data-stop="/next/" goes there.

const LONGEST_WAIT = 60;
const shown = new WeakMap();

export function keepFresh(area) {
  const seconds = Number(area.dataset.refresh);
  let wait = seconds;

  async function renew() {
    if (!document.hidden) {
      const answer = await fetch(area.dataset.from, { headers: { "X-Fragment": "1" } });
      if (answer.redirected) return location.assign(answer.url);
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      show(area, await answer.text());
      const end = area.querySelector("[data-stop]");
      if (end) return end.dataset.stop ? location.assign(end.dataset.stop) : undefined;
    }
    wait = seconds;
    again();
  }

  function again() {
    setTimeout(() => renew().catch(later), wait * 1000);
  }

  // The line or the service is down for a moment: ask less and less often.
  function later() {
    wait = Math.min(wait * 2, LONGEST_WAIT);
    again();
  }

  again();
}

// Leaves the page alone when nothing is new, and whoever is inside it where they are.
function show(area, text) {
  if (shown.get(area) === text) return;
  const focused = area.contains(document.activeElement) ? document.activeElement : null;
  const address = focused && focused.getAttribute("href");
  area.innerHTML = text;
  shown.set(area, text);
  if (!focused) return;
  const same = focused.id
    ? document.getElementById(focused.id)
    : [...area.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === address);
  if (same) same.focus();
}

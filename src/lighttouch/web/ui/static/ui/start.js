// Starts GOV.UK Frontend's components and our own small helps. Pages work without any of it.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button[type=submit]")) {
      setTimeout(() => button.setAttribute("disabled", ""), 0);
    }
  });
}

for (const area of document.querySelectorAll("[data-refresh]")) {
  const seconds = Number(area.dataset.refresh);
  const renew = async () => {
    if (!document.hidden) {
      const answer = await fetch(area.dataset.from, { headers: { "X-Fragment": "1" } });
      if (answer.redirected) return location.assign(answer.url);
      if (answer.ok) area.innerHTML = await answer.text();
      if (area.querySelector("[data-stop]")) {
        const next = area.querySelector("[data-stop]").dataset.stop;
        return next ? location.assign(next) : undefined;
      }
    }
    setTimeout(renew, seconds * 1000);
  };
  setTimeout(renew, seconds * 1000);
}

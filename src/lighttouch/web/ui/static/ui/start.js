// Starts GOV.UK Frontend's components and our own small helps. Pages work without any of it.
import { initAll } from "./govuk-frontend.min.js";
import { keepFresh } from "./fresh.js";

const DOUBLE_PRESS = 5000; // milliseconds in which a second press is taken for a slip

function sendOnce(form) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sentAt < DOUBLE_PRESS) event.preventDefault();
    else sentAt = Date.now();
  });
  // A page the browser kept and shows again may be sent again.
  window.addEventListener("pageshow", () => (sentAt = 0));
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
document.querySelectorAll("form[data-once]").forEach(sendOnce);
document.querySelectorAll("[data-refresh]").forEach(keepFresh);

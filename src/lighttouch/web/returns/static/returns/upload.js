// Says that a file is too large before it is sent. The server says so too.
const MOST = 50 * 1024 * 1024;

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  input?.addEventListener("change", () => {
    form.querySelector(".rt-too-large")?.remove();
    const tooLarge = [...input.files].some((file) => file.size > MOST);
    input.setCustomValidity(tooLarge ? "too large" : "");
    if (!tooLarge) return;
    const note = document.createElement("p");
    note.className = "govuk-error-message rt-too-large";
    note.setAttribute("role", "alert");
    note.textContent = "This file is larger than 50 MB, so it would not be taken.";
    form.querySelector("button[type=submit]").before(note);
  });
}

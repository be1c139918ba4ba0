// Shows only the fields that the chosen way of answering needs; without this all are there.
const FIELDS = {
  options: ["single_choice", "multi_choice", "labelled_scale"],
  other: ["single_choice", "multi_choice"],
  low: ["labelled_scale", "end_anchored_scale", "integer_scale", "count", "number"],
  high: ["end_anchored_scale", "integer_scale"],
  low_words: ["end_anchored_scale", "integer_scale"],
  high_words: ["end_anchored_scale", "integer_scale"],
  unit: ["count", "number"],
  scored: ["labelled_scale", "end_anchored_scale", "integer_scale", "count", "number"],
};

const form = document.querySelector("[data-question] form");

function settle() {
  const kind = form.elements.kind.value;
  for (const [name, kinds] of Object.entries(FIELDS)) {
    const group = form.elements[name]?.closest(".govuk-form-group");
    if (group) group.hidden = kind !== "" && !kinds.includes(kind);
  }
}

if (form) {
  form.addEventListener("change", settle);
  settle();
}

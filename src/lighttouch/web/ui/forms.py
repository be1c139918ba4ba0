"""Forms in GOV.UK's markup: Django's own field groups with our templates.

``{% ui_form form button="Save" %}`` prints the error summary, the fields and the button. Plain
Django fields and widgets may be used; the base class dresses them.
"""

from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import pretty_name
from django.forms.widgets import Input

from lighttouch.web.ui.fields import (
    CheckboxSelectMultiple,
    CodeField,
    DateField,
    DateWidget,
    Editor,
    RadioSelect,
    WholeNumberField,
)
from lighttouch.web.ui.words import put_plainly

__all__ = [
    "CheckboxSelectMultiple",
    "CodeField",
    "DateField",
    "DateWidget",
    "Editor",
    "Form",
    "RadioSelect",
    "WholeNumberField",
]

TRAP = "website"
"""The name of a field that people never see and only programs fill in."""
MOST_WORTH_COUNTING = 5000
OURS = {
    "django/forms/widgets/radio.html": "ui/widgets/radios.html",
    "django/forms/widgets/checkbox_select.html": "ui/widgets/checkboxes.html",
    "django/forms/widgets/clearable_file_input.html": "django/forms/widgets/file.html",
}
"""Our templates, by those of Django's whose markup is not GOV.UK's."""


class Renderer(TemplatesSetting):
    """Renders every field as a GOV.UK form group, and choices as GOV.UK's."""

    field_template_name = "ui/field.html"

    def get_template(self, template_name: str) -> Any:  # noqa: ANN401 - as Django declares it
        """Use our template where GOV.UK's markup differs from Django's."""
        return super().get_template(OURS.get(template_name, template_name))


class Question(BoundField):
    """A field as it stands on the page: which component it is, and what describes it."""

    form: "Form"

    @cached_property
    def kind(self) -> str:
        """A ``set`` of choices or boxes, a ``single`` checkbox, ``long`` text or ``input``."""
        widget = self.field.widget
        if widget.use_fieldset:
            return "set"
        if isinstance(widget, forms.CheckboxInput):
            return "single"
        if isinstance(widget, forms.Textarea) and 0 < (self.most or 0) <= MOST_WORTH_COUNTING:
            return "long"
        return "input"

    @property
    def is_heading(self) -> bool:
        """Whether the label is also the page's heading."""
        return self.name == self.form.heading

    @property
    def is_trap(self) -> bool:
        """Whether people are not meant to see it."""
        return self.name == TRAP

    @property
    def most(self) -> int | None:
        """The most characters that a long text may have."""
        return getattr(self.field, "max_length", None)

    @property
    def first_id(self) -> str:
        """What the error summary links to: the first answer, or the first box that is wrong."""
        wrong = self.wrong_parts
        if wrong:
            return f"{self.auto_id}_{wrong[0]}"
        return self.id_for_label or f"{self.auto_id}_0"

    @property
    def wrong_parts(self) -> list[str]:
        """Which boxes of a date are wrong."""
        if not isinstance(self.field.widget, DateWidget) or not self.errors:
            return []
        params = self.errors.as_data()[0].params or {}
        return str(params.get("parts", "day month year")).split()

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """Add the component's class, and which boxes are wrong."""
        shown = widget or self.field.widget
        found: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if shown.is_hidden:
            return found
        _relax(shown)
        if name := _component(shown):
            own = [given for given in shown.attrs.get("class", "").split() if given != name]
            error = [f"{name}--error"] if self.errors and self.kind != "single" else []
            found["class"] = " ".join([name, *error, *own])
        if self.kind == "long":
            found["class"] += " govuk-js-character-count"
            found["aria-describedby"] = f"{self.aria_describedby or ''} {self.auto_id}-info".strip()
        if self.wrong_parts:
            found["data-wrong"] = " ".join(self.wrong_parts)
        return found


class Form(forms.Form):
    """A form in GOV.UK's markup, with messages that say what to do.

    Attributes
    ----------
    heading
        The name of the field whose label is the page's heading, for one question to a page.
    """

    heading = ""
    default_renderer = Renderer
    bound_field_class = Question
    use_required_attribute = False
    summary_shown = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """Check what was sent; only now, when a form has added its own fields and choices."""
        for name, field in self.fields.items():
            if field.label is None:
                field.label = pretty_name(name)
            put_plainly(field)
        super().full_clean()


def _component(widget: forms.Widget) -> str:
    """Return the class of the component that a widget is, if it is one."""
    for kind, name in (
        (forms.CheckboxInput, "govuk-checkboxes__input"),
        (forms.Select, "govuk-select"),
        (forms.Textarea, "govuk-textarea"),
        (forms.FileInput, "govuk-file-upload"),
        (Input, "govuk-input"),
    ):
        if isinstance(widget, kind):
            return name
    return ""


def _relax(widget: forms.Widget) -> None:
    """Let people type freely: a browser cuts a paste short, and spins numbers under the mouse."""
    for attribute in ("maxlength", "min", "max", "step"):
        widget.attrs.pop(attribute, None)
    if isinstance(widget, forms.NumberInput):
        widget.input_type = "text"
        widget.attrs.setdefault("inputmode", "decimal")
        widget.attrs.setdefault("class", "govuk-input--width-10")

"""Forms in GOV.UK's markup: Django's own field groups with our templates.

``{% include "ui/form.html" with button="Save" %}`` prints error summary, fields and button.
"""

from datetime import date
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.functional import cached_property


class Renderer(TemplatesSetting):
    """Renders every field as a GOV.UK form group."""

    field_template_name = "ui/field.html"


class RadioSelect(forms.RadioSelect):
    """Radios, one to a line."""

    template_name = "ui/widgets/choices.html"
    gds_kind = "set"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Name the component whose classes the template uses."""
        context = super().get_context(name, value, attrs)
        context["widget"]["gds"] = "radios"
        return context


class CheckboxSelectMultiple(forms.CheckboxSelectMultiple):
    """Checkboxes, one to a line."""

    template_name = "ui/widgets/choices.html"
    gds_kind = "set"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Name the component whose classes the template uses."""
        context = super().get_context(name, value, attrs)
        context["widget"]["gds"] = "checkboxes"
        return context


class DateWidget(forms.MultiWidget):
    """Day, month and year in three boxes."""

    template_name = "ui/widgets/date.html"
    gds_kind = "set"
    parts = ("day", "month", "year")

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        widgets = {part: forms.TextInput({"label": part.title()}) for part in self.parts}
        super().__init__(widgets, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        """Split a date into its parts."""
        return [value.day, value.month, value.year] if value else [None, None, None]


class DateField(forms.MultiValueField):
    """A date typed as three numbers.

    Raises
    ------
    ValidationError
        If the numbers are no date; the message says what to give.
    """

    widget = DateWidget

    def __init__(self, **kwargs: Any) -> None:
        whole = [forms.IntegerField(error_messages={"invalid": "Use numbers"}) for _ in range(3)]
        kwargs.setdefault("error_messages", {}).setdefault(
            "required", f"Enter {kwargs.get('label', 'the date').lower()}"
        )
        super().__init__(fields=tuple(whole), require_all_fields=True, **kwargs)
        for field, (low, high) in zip(whole, ((1, 31), (1, 12), (1900, 2200)), strict=True):
            field.min_value, field.max_value = low, high

    def compress(self, data_list: list[int]) -> date | None:
        """Put the parts together."""
        if not data_list:
            return None
        day, month, year = data_list
        try:
            return date(year, month, day)
        except (ValueError, TypeError) as error:
            raise forms.ValidationError("Enter a real date, such as 3 5 2027") from error


class Form(forms.Form):
    """A form whose widgets carry GOV.UK's classes and say what describes them."""

    default_renderer = Renderer
    required_css_class = ""
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _dress(field)
            field.widget.attrs.update(_describe(self, name, field))

    @cached_property
    def first_errors(self) -> list[str]:
        """The first error of each field, for pages that show no summary."""
        return [str(errors[0]) for errors in self.errors.values()]


def _dress(field: forms.Field) -> None:
    """Give a field's widget the class of its component, and plain messages."""
    widget = field.widget
    classes: dict[type[forms.Widget], tuple[str, str]] = {
        forms.CheckboxInput: ("govuk-checkboxes__input", "single"),
        forms.Select: ("govuk-select", "input"),
        forms.Textarea: ("govuk-textarea", "input"),
        forms.FileInput: ("govuk-file-upload", "input"),
        forms.Input: ("govuk-input", "input"),
    }
    if not hasattr(widget, "gds_kind"):
        for kind, (name, group) in classes.items():
            if isinstance(widget, kind) and not widget.is_hidden:
                given = widget.attrs.get("class", "")
                widget.attrs["class"] = f"{name} {given}".strip()
                widget.gds_kind = group  # type: ignore[attr-defined]
                break
    if isinstance(widget, DateWidget):
        widget.first_id = None  # type: ignore[attr-defined]
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = f"Enter {_lower_first(str(field.label or 'a value'))}"


def _describe(form: forms.Form, name: str, field: forms.Field) -> dict[str, str]:
    """Say which hint and error describe a widget."""
    auto_id = form[name].auto_id
    ids = [f"{auto_id}_hint"] if field.help_text else []
    if form.is_bound and name in form.errors:
        ids.append(f"{auto_id}_error")
    return {"aria-describedby": " ".join(ids)} if ids else {}


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]

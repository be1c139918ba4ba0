"""Fields and widgets that Django has not, or not as people need them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from lighttouch.web.ui.dates import MONTHS, say_date
from lighttouch.web.ui.words import lower_first, name_of

PARTS = ("day", "month", "year")
DIGITS_OF_A_YEAR = 4


class RadioSelect(forms.RadioSelect):
    """Radios, one to a line; ``hints`` explains an answer under it."""

    def __init__(self, *args: Any, hints: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = dict(hints or {})

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what explains an answer."""
        option = super().create_option(*args, **kwargs)
        return {**option, "hint": self.hints.get(str(option["value"]), "")}


class CheckboxSelectMultiple(forms.CheckboxSelectMultiple):
    """Checkboxes, one to a line; ``hints`` explains an answer under it."""

    def __init__(self, *args: Any, hints: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = dict(hints or {})

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what explains an answer."""
        option = super().create_option(*args, **kwargs)
        return {**option, "hint": self.hints.get(str(option["value"]), "")}


class Editor(forms.Textarea):
    """A wide box for a file's text, in letters of one width."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        ours = {
            "class": "lt-editor",
            "rows": 24,
            "wrap": "off",
            "spellcheck": "false",
            "autocapitalize": "off",
            "autocomplete": "off",
        }
        super().__init__({**ours, **(attrs or {})})


class CodeField(forms.CharField):
    """The text of a file; spaces at its ends are part of it."""

    widget = Editor

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("strip", False)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:  # noqa: ANN401 - as Django declares it
        """Undo the line ends that browsers send."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class WholeNumberField(forms.IntegerField):
    """A whole number, typed with or without commas and spaces."""

    def to_python(self, value: Any) -> int | None:  # noqa: ANN401 - as Django declares it
        """Read ``1,315`` as people write it."""
        typed = "".join(value.replace(",", "").split()) if isinstance(value, str) else value
        return super().to_python(typed)


class DateWidget(forms.MultiWidget):
    """Day, month and year in three boxes."""

    template_name = "ui/widgets/date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            part: forms.TextInput() for part in PARTS
        }
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list[str]:
        """Split a date into its parts."""
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]

    def id_for_label(self, id_: str) -> str:
        """Return the identifier of the first box."""
        return f"{id_}_day" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ANN401
        """Say which boxes are wrong: ``data-wrong`` names them."""
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        wrong = str(widget["attrs"].pop("data-wrong", "")).split()
        widget["boxes"] = [
            {"part": part, "label": part.title(), "wrong": part in wrong, "box": box}
            for part, box in zip(PARTS, widget["subwidgets"], strict=True)
        ]
        return context


class DateField(forms.Field):
    """A date typed in three boxes; the month may be a number or a name.

    Parameters
    ----------
    earliest, latest
        The first and last day that may be given.
    """

    widget = DateWidget

    def __init__(
        self, *, earliest: date | None = None, latest: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.earliest = earliest
        self.latest = latest

    def to_python(self, value: Any) -> date | None:  # noqa: ANN401 - as Django declares it
        """Put the parts together, saying which are missing or wrong."""
        if value is None or isinstance(value, date):
            return value
        typed = [str(part or "").strip() for part in value]
        if not any(typed):
            return None
        name = name_of(str(self.label or ""))
        missing = [part for part, text in zip(PARTS, typed, strict=True) if not text]
        if missing:
            raise _wrong(f"{name} must include a {' and a '.join(missing)}", missing)
        day, month, year = _whole(typed[0]), _month(typed[1]), _whole(typed[2])
        if year is None or len(typed[2]) != DIGITS_OF_A_YEAR:
            raise _wrong("Year must have 4 numbers, such as 2027", ["year"])
        if month is None:
            raise _wrong("Month must be a number from 1 to 12, or a name such as May", ["month"])
        try:
            return date(year, month, day or 0)
        except ValueError as error:
            raise _wrong(f"{name} must be a real date, such as 3 5 2027", list(PARTS)) from error

    def validate(self, value: date | None) -> None:
        """Check the day against the first and last that may be given."""
        super().validate(value)
        name = name_of(str(self.label or ""))
        if value and self.earliest and value < self.earliest:
            raise _wrong(f"{name} must be {say_date(self.earliest)} or later", list(PARTS))
        if value and self.latest and value > self.latest:
            raise _wrong(f"{name} must be {say_date(self.latest)} or earlier", list(PARTS))


def _wrong(message: str, parts: list[str]) -> forms.ValidationError:
    return forms.ValidationError(message, code="invalid", params={"parts": " ".join(parts)})


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _month(text: str) -> int | None:
    number = _whole(text)
    if number is not None:
        return number if 1 <= number <= len(MONTHS) else None
    typed = lower_first(text).lower()
    found = [n for n, name in enumerate(MONTHS, 1) if len(typed) > 2 and name.startswith(typed)]
    return found[0] if len(found) == 1 else None

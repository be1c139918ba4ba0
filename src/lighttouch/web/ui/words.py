"""Plain words for what is wrong with what somebody typed."""

from django import forms

LONGEST_NAME = 40


def name_of(label: str) -> str:
    """Return what to call a field at the start of a message.

    Examples
    --------
    >>> name_of("Start date")
    'Start date'
    >>> name_of("When does it start?")
    'This'
    """
    plain = label and not label.endswith("?") and len(label) <= LONGEST_NAME
    return label if plain else "This"


def lower_first(text: str) -> str:
    """Make a label fit the middle of a sentence, leaving abbreviations alone.

    Examples
    --------
    >>> lower_first("Work e-mail address"), lower_first("URL")
    ('work e-mail address', 'URL')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def ask_for(field: forms.Field) -> str:
    """Say what to do with a field that was left empty."""
    label = str(field.label or "a value")
    if isinstance(field, forms.FileField):
        return "Choose a file"
    if isinstance(field, forms.BooleanField):
        return "Tick the box to go on"
    if label.endswith("?"):
        return f"Answer “{label}”"
    verb = "Choose" if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) else "Enter"
    return f"{verb} {lower_first(label)}"


def plain_messages(field: forms.Field) -> dict[str, str]:
    """Return messages that say what to do, for the reasons Django has its own words for."""
    name = name_of(str(field.label or ""))
    words = {
        "required": ask_for(field),
        "max_length": f"{name} must be %(limit_value)d characters or fewer",
        "min_length": f"{name} must be %(limit_value)d characters or more",
        "max_value": f"{name} must be %(limit_value)s or less",
        "min_value": f"{name} must be %(limit_value)s or more",
        "invalid_choice": "Choose one of the answers shown",
        "invalid_list": "Choose from the answers shown",
        "invalid_pk_value": "Choose from the answers shown",
        "empty": "The file is empty. Choose another",
        "missing": "Choose a file",
    }
    if isinstance(field, forms.EmailField):
        words["invalid"] = "Enter an e-mail address, such as name@council.gov.uk"
    elif isinstance(field, forms.FloatField | forms.DecimalField):
        words["invalid"] = f"{name} must be a number, such as 0.25"
    elif isinstance(field, forms.IntegerField):
        words["invalid"] = f"{name} must be a whole number, such as 30"
    return words


def put_plainly(field: forms.Field) -> None:
    """Replace Django's own messages of a field; leave those that its form chose."""
    stock: dict[str, object] = {}
    for kind in reversed(type(field).__mro__):
        stock |= getattr(kind, "default_error_messages", {})
    for validator in field.validators:
        code, message = getattr(validator, "code", ""), getattr(validator, "message", "")
        stock.setdefault(code, message)
    for code, words in plain_messages(field).items():
        if field.error_messages.get(code, stock.get(code)) == stock.get(code):
            field.error_messages[code] = words

"""Setting a partner's Notify service up."""

from typing import Any

from django import forms

from lighttouch.web.delivery.transports.notify.models import NotifyService
from lighttouch.web.ui.forms import Form


class ServiceForm(Form):
    """The key, which is never shown again, and what to send with."""

    key = forms.CharField(
        label="Key",
        help_text="In Notify: API integration, API keys. It is sealed here and never shown again.",
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Copy the key from Notify"},
    )
    email_template = forms.CharField(
        label="Template ID for e-mail",
        help_text="Its subject is ((subject)) and its text is ((text)). Leave empty for none.",
        max_length=36,
        required=False,
    )
    text_template = forms.CharField(
        label="Template ID for texts",
        help_text="Its text is ((text)). Leave empty for none.",
        max_length=36,
        required=False,
    )
    letters = forms.BooleanField(label="Send letters too", required=False)

    def __init__(self, *args: Any, service: NotifyService | None, **kwargs: Any) -> None:
        if service is not None:
            kwargs["initial"] = {
                "email_template": service.email_template,
                "text_template": service.text_template,
                "letters": service.letters,
            }
        super().__init__(*args, **kwargs)
        if service is not None:
            self.fields["key"].required = False
            self.fields["key"].label = "New key"
            self.fields["key"].help_text = "Leave empty to keep the one that is set."

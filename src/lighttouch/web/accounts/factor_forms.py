"""The library's forms for second factors, in our words and our markup."""

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms

from lighttouch.web.ui.forms import Form

WRONG = "The code is not right. Enter the one your app shows now"
NOT_USED = "The passkey was not used. Press the button, and follow what your browser asks"


class _SaysWhichCode:
    """Says of a wrong code what to enter instead."""

    or_else = ""

    def clean_code(self) -> str:
        """Check the code."""
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except forms.ValidationError as error:
            if error.code != "incorrect_code":
                raise
            raise forms.ValidationError(f"{WRONG}{self.or_else}") from None


def _code(hint: str) -> forms.CharField:
    return forms.CharField(
        label="Code",
        help_text=hint,
        max_length=20,
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "govuk-input--width-10",
            }
        ),
    )


class Confirm(_SaysWhichCode, AuthenticateForm, Form):  # type: ignore[misc]
    """A code at sign-in."""

    or_else = ", or a recovery code you have not used"
    code = _code("The six digits your app shows now, or one of your recovery codes.")


class ConfirmAgain(_SaysWhichCode, ReauthenticateForm, Form):  # type: ignore[misc]
    """A code before ways into an account are shown or changed."""

    or_else = ", or a recovery code you have not used"
    code = _code("The six digits your app shows now, or one of your recovery codes.")


class SetUpApp(_SaysWhichCode, ActivateTOTPForm, Form):  # type: ignore[misc]
    """The first code of a new app."""

    code = _code("Six digits; they change every half a minute.")


class AddPasskey(AddWebAuthnForm, Form):  # type: ignore[misc]
    """What to call a passkey, and what the browser made of it."""

    name = forms.CharField(
        label="What you call it",
        help_text="So that you know it from another, such as Work laptop.",
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    credential = forms.JSONField(
        widget=forms.HiddenInput, error_messages={"required": NOT_USED, "invalid": NOT_USED}
    )

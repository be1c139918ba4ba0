"""How the accounts library behaves here: in our words, by our limits, and sealed."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest

from lighttouch.web.accounts.limits import network_of
from lighttouch.web.accounts.models import User
from lighttouch.web.accounts.queries import is_last_factor, needs_second_factor

WORDS = {
    "mfa/messages/totp_activated.txt": "One-time codes are set up.",
    "mfa/messages/totp_deactivated.txt": "One-time codes are removed.",
    "mfa/messages/webauthn_added.txt": "The passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
}
TOO_MANY = "Too many wrong codes. Wait five minutes, then try again."


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come by invitation only."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Say that nobody may open an account by themselves."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count wrong codes by the same network address as requests for links."""
        return network_of(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *_unused: Any,
        message: str | None = None,
        **_more: Any,
    ) -> None:
        """Say what was done in our words; what has none of ours is not said."""
        said = message or WORDS.get(message_template or "")
        if said:
            messages.add_message(request, level, said)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of second factors sealed, and the last one in place where it is needed."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The passkey was not accepted. Try again",
        "cannot_delete_authenticator": "Your role needs a second factor. Add another one first",
        "cannot_generate_recovery_codes": "Add a passkey or an app for one-time codes first",
        "rate_limited": TOO_MANY,
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret with the newest key of the vault."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Say whether enough is left without it."""
        return not (needs_second_factor(authenticator.user) and is_last_factor(authenticator))

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002
        """Name a passkey until its owner gives it a better name."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Tell the device whose passkey it is."""
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.name}


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])

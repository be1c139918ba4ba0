"""How the accounts library behaves here: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Say that nobody may open an account by themselves."""
        return False


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Names the service in authenticator apps."""

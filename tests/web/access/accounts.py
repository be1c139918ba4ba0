"""Addresses of signing in, accounts and people."""

from collections.abc import Mapping

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from tests.web.access import EVERYBODY, SIGNED_IN
from tests.web.cast import Cast

INVITING = frozenset({"administrator", "trial_manager", "second", "outsider"})
"""Whose people each of them sees is tested apart."""

ACCESS = {
    "accounts:sign-in": EVERYBODY,
    "accounts:sent": EVERYBODY,
    "accounts:use-link": EVERYBODY,
    "accounts:sign-out": EVERYBODY,
    "accounts:account": SIGNED_IN,
    "accounts:name": SIGNED_IN,
    "accounts:second-factor": SIGNED_IN,
    "accounts:sign-out-everywhere": SIGNED_IN,
    "accounts:people": INVITING,
    "accounts:invite": INVITING,
    "accounts:end-role": INVITING,
    "accounts:send-again": INVITING,
    "accounts:close": frozenset({"administrator"}),
    "accounts:reset-second-factor": frozenset({"administrator"}),
    "account_login": EVERYBODY,
    "account_logout": EVERYBODY,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": EVERYBODY,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
}


def prepare(cast: Cast) -> dict[str, Mapping[str, object]]:
    """Give everybody an authenticator app, so that there is something to show and to remove."""
    for person in cast.people.values():
        TOTP.activate(person, generate_totp_secret())
        RecoveryCodes.activate(person)
    return {}

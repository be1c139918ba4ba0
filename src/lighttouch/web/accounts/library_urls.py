"""Addresses whose names the accounts library asks for: second factors, and our sign-in and out.

The library's own pages are listed one by one, so that each says whom it is for and none appears
unnoticed with a new version.
"""

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from lighttouch.web.accounts import factor_views, views
from lighttouch.web.accounts.permissions import public, signed_in


@public
def sign_in(_request: HttpRequest) -> HttpResponse:
    """Go to our sign-in page."""
    return redirect("accounts:sign-in")


FACTOR = "account/second-factor/"
urlpatterns = [
    path("account/login/", sign_in, name="account_login"),
    path("account/logout/", views.sign_out, name="account_logout"),
    path(FACTOR, signed_in(base.index), name="mfa_index"),
    path(f"{FACTOR}confirm/", public(base.authenticate), name="mfa_authenticate"),
    path(f"{FACTOR}again/", signed_in(base.reauthenticate), name="mfa_reauthenticate"),
    path(f"{FACTOR}app/add/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path(f"{FACTOR}app/remove/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        f"{FACTOR}codes/",
        signed_in(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        f"{FACTOR}codes/new/",
        signed_in(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        f"{FACTOR}codes/download/",
        signed_in(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path(f"{FACTOR}passkeys/", factor_views.passkeys, name="mfa_list_webauthn"),
    path(f"{FACTOR}passkeys/add/", signed_in(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        f"{FACTOR}passkeys/again/",
        signed_in(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        f"{FACTOR}passkeys/<int:pk>/remove/",
        factor_views.remove_passkey,
        name="mfa_remove_webauthn",
    ),
]

"""Addresses of the pages of allocation."""

from django.urls import path

from lighttouch.web.allocation.views import arms, draw, opening

OF_TRIAL = "trials/<slug:trial>/allocation/"
OF_PARTNER = "trials/<slug:trial>/partners/<slug:partner>/allocation/"

app_name = "allocation"
urlpatterns = [
    path(OF_TRIAL, draw.page, name="page"),
    path(f"{OF_TRIAL}propose/", draw.propose, name="propose"),
    path(f"{OF_TRIAL}withdraw/", draw.withdraw, name="withdraw"),
    path(f"{OF_TRIAL}confirm/", draw.confirm, name="confirm"),
    path(f"{OF_TRIAL}draw/", draw.draw, name="draw"),
    path(f"{OF_TRIAL}replay/", draw.replay, name="replay"),
    path(f"{OF_TRIAL}balance/", arms.balance, name="balance"),
    path(f"{OF_TRIAL}arms/", arms.arms, name="arms"),
    path(f"{OF_TRIAL}delivering/", arms.delivering, name="delivering"),
    path(f"{OF_TRIAL}lock/", opening.lock, name="lock"),
    path(f"{OF_TRIAL}unblind/", opening.unblind, name="unblind"),
    path(f"{OF_TRIAL}unblind/confirm/", opening.unblind_confirm, name="unblind-confirm"),
    path(f"{OF_TRIAL}unblind/withdraw/", opening.unblind_withdraw, name="unblind-withdraw"),
    path(OF_PARTNER, arms.partner, name="partner"),
    path(f"{OF_PARTNER}arms.csv", arms.partner_csv, name="partner-csv"),
]

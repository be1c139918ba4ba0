"""Addresses of the pages on which surveys are run."""

from django.urls import URLPattern, path

from lighttouch.web.surveys.views import managing, managing_partner

TRIAL = "trials/<slug:trial>/surveys/"
PARTNER = "trials/<slug:trial>/partners/<slug:partner>/surveys/<slug:wave>/"

patterns: list[URLPattern] = [
    path(TRIAL, managing.waves, name="waves"),
    path(f"{TRIAL}<slug:wave>/open/", managing.open_wave, name="open"),
    path(PARTNER, managing_partner.partner, name="partner"),
    path(f"{PARTNER}extend/", managing.extend, name="extend"),
    path(f"{PARTNER}close/", managing.close, name="close"),
    path(f"{PARTNER}slips/", managing_partner.slips, name="slips"),
    path(f"{PARTNER}links/", managing_partner.links, name="links"),
    path(f"{PARTNER}one/", managing_partner.one, name="one"),
]

"""Addresses of the pages of enrolment."""

from django.urls import path

from lighttouch.web.enrolment.views import partner, roster

OF_TRIAL = "trials/<slug:trial>/enrolment/"
OF_PARTNER = "trials/<slug:trial>/partners/<slug:partner>/enrolment/"

app_name = "enrolment"
urlpatterns = [
    path(OF_TRIAL, roster.page, name="page"),
    path(f"{OF_TRIAL}freeze/", roster.freeze, name="freeze"),
    path(f"{OF_TRIAL}flow/", roster.flow, name="flow"),
    path(OF_PARTNER, partner.page, name="partner"),
    path(f"{OF_PARTNER}record/<slug:what>/", partner.record, name="record"),
    path(f"{OF_PARTNER}file/", partner.many, name="many"),
    path(f"{OF_PARTNER}file/template.csv", partner.template, name="template"),
    path(f"{OF_PARTNER}records/<int:happening>/cancel/", partner.cancel, name="cancel"),
]

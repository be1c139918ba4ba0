"""Addresses of the pages of protocols."""

from django.urls import path

from lighttouch.web.protocols.views import power, public, reading, reviewing, writing

OWN = "trials/<slug:trial>/protocol/"

app_name = "protocols"
urlpatterns = [
    path("trials/new/", writing.new, name="new"),
    path(OWN, reading.protocol, name="protocol"),
    path(f"{OWN}edit/", writing.edit, name="edit"),
    path(f"{OWN}check/", writing.check, name="check"),
    path(f"{OWN}versions/<int:number>/", reading.version, name="version"),
    path(f"{OWN}versions/<int:number>/file/", reading.version_file, name="version-file"),
    path(f"{OWN}compare/", reading.compare, name="compare"),
    path(f"{OWN}power/", power.power, name="power"),
    path(f"{OWN}power/result/", power.result, name="power-result"),
    path(f"{OWN}power/simulate/", power.simulate, name="power-simulate"),
    path(f"{OWN}submit/", reviewing.submit, name="submit"),
    path(f"{OWN}review/", reviewing.review, name="review"),
    path(f"{OWN}register/", reviewing.register, name="register"),
    path(f"{OWN}amend/", reviewing.amend, name="amend"),
    path("protocols/", public.index, name="index"),
    path("protocols/<slug:trial>/", public.protocol, name="public"),
    path("protocols/<slug:trial>/<str:name>", public.file, name="public-file"),
]

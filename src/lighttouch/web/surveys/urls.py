"""Addresses of the pages of surveys."""

from django.urls import path

from lighttouch.web.surveys import managing_urls
from lighttouch.web.surveys.views import answering, answering_own

LINK = "s/<slug:token>/"

app_name = "surveys"
urlpatterns = [
    path(LINK, answering.start, name="start"),
    path(f"{LINK}next/", answering.carry_on, name="next"),
    path(f"{LINK}consent/", answering.consent, name="consent"),
    path(f"{LINK}<int:page>/", answering.page, name="page"),
    path(f"{LINK}<int:page>/save/", answering.save, name="save"),
    path(f"{LINK}check/", answering.check, name="check"),
    path(f"{LINK}thanks/", answering.thanks, name="thanks"),
    path(f"{LINK}mine/", answering_own.mine, name="mine"),
    path(f"{LINK}mine/withdraw/<slug:how>/", answering_own.withdraw, name="withdraw"),
    path(f"{LINK}mine/delete/", answering_own.delete, name="delete"),
    path(f"{LINK}mine/leave/", answering_own.leave, name="leave"),
    path(f"{LINK}mine/answers.<slug:kind>", answering_own.download, name="download"),
    *managing_urls.patterns,
]

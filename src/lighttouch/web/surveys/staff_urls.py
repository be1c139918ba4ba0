"""Addresses of the pages of a private link, by which staff answer; served by the door."""

from django.urls import URLPattern, path

from lighttouch.web.surveys.views import answering, answering_own

LINK = "s/<slug:token>/"

urlpatterns: list[URLPattern] = [
    path(LINK, answering.start, name="start"),
    path(f"{LINK}consent/", answering.consent, name="consent"),
    path(f"{LINK}questions/", answering.questions, name="questions"),
    path(f"{LINK}save/", answering.save, name="save"),
    path(f"{LINK}thanks/", answering.thanks, name="thanks"),
    path(f"{LINK}mine/", answering_own.mine, name="mine"),
    path(f"{LINK}mine/withdraw/<slug:how>/", answering_own.withdraw, name="withdraw"),
    path(f"{LINK}mine/delete/", answering_own.delete, name="delete"),
    path(f"{LINK}mine/leave/", answering_own.leave, name="leave"),
    path(f"{LINK}mine/answers.<slug:kind>", answering_own.download, name="download"),
]

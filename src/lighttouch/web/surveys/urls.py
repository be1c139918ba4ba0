"""Addresses of the pages of surveys."""

from lighttouch.web.surveys import managing_urls, staff_urls

app_name = "surveys"
urlpatterns = [*staff_urls.urlpatterns, *managing_urls.patterns]

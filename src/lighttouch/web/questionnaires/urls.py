"""Addresses of the builder of questionnaires."""

from django.urls import path

from lighttouch.web.questionnaires.views import changing, desk, finishing

OWN = "trials/<slug:trial>/protocol/questionnaires/"
ONE = f"{OWN}<slug:name>/"

app_name = "questionnaires"
urlpatterns = [
    path(OWN, desk.index, name="index"),
    path(f"{OWN}preview.css", desk.style, name="style"),
    path(ONE, desk.one, name="one"),
    path(f"{ONE}preview/", desk.preview, name="preview"),
    path(f"{ONE}describe/", changing.describe, name="describe"),
    path(f"{ONE}library/", changing.library, name="library"),
    path(f"{ONE}question/", changing.new_question, name="new-question"),
    path(f"{ONE}question/<int:place>/", changing.question, name="question"),
    path(f"{ONE}asked/<int:place>/", changing.asked_of, name="asked"),
    path(f"{ONE}write/", finishing.write, name="write"),
    path(f"{ONE}file/", finishing.file, name="file"),
    path(f"{ONE}discard/", finishing.discard, name="discard"),
]

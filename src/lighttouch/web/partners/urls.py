"""Addresses of the pages of programmes, calls, partners and their tasks."""

from django.urls import path

from lighttouch.web.partners.views import (
    agreements,
    apply,
    calls,
    codesign,
    funnel,
    matching,
    programmes,
    reviews,
    tasks,
)

OWN = "programmes/<slug:programme>/"
EXPRESSION = f"{OWN}expressions/<slug:reference>/"
CALL = "calls/<slug:programme>/"
PARTNER = "trials/<slug:trial>/partners/<slug:partner>/"

app_name = "partners"
urlpatterns = [
    path("programmes/", programmes.programmes, name="programmes"),
    path("programmes/new/", programmes.new, name="programme-new"),
    path(OWN, programmes.programme, name="programme"),
    path(f"{OWN}edit/", programmes.edit, name="programme-edit"),
    path(f"{OWN}call/", calls.manage, name="call-manage"),
    path(f"{OWN}call/edit/", calls.edit, name="call-edit"),
    path(f"{OWN}call/publish/", calls.publish, name="call-publish"),
    path(f"{OWN}expressions/", reviews.expressions, name="expressions"),
    path(EXPRESSION, reviews.expression, name="expression"),
    path(f"{EXPRESSION}note/", reviews.note, name="expression-note"),
    path(f"{EXPRESSION}assess/", reviews.assess, name="expression-assess"),
    path(f"{EXPRESSION}decide/", reviews.decide, name="expression-decide"),
    path(f"{EXPRESSION}partner/", reviews.make_partner, name="expression-partner"),
    path(f"{EXPRESSION}forget/", reviews.forget, name="expression-forget"),
    path(f"{OWN}funnel/", funnel.funnel, name="funnel"),
    path(f"{OWN}funnel.csv", funnel.file, name="funnel-file"),
    path(f"{OWN}funnel/<slug:stage>/", funnel.enter, name="funnel-stage"),
    path(f"{OWN}codesign/", codesign.log, name="codesign"),
    path(f"{OWN}codesign/new/", codesign.new, name="codesign-new"),
    path(f"{OWN}codesign/quotes.csv", codesign.quotes_file, name="quotes"),
    path(f"{OWN}codesign/<int:entry>/", codesign.entry, name="codesign-entry"),
    path(f"{OWN}codesign/quotes/<int:quote>/", codesign.clear, name="quote-clear"),
    path(f"{OWN}partners/", matching.partners, name="matching"),
    path(f"{OWN}partners/match/", matching.match, name="match"),
    path(f"{OWN}partners/matches/<int:match>/end/", matching.end, name="unmatch"),
    path(CALL, calls.call, name="call"),
    path(f"{CALL}express/<slug:step>/", apply.step, name="express"),
    path(f"{CALL}check/", apply.check, name="express-check"),
    path(f"{CALL}sent/<slug:reference>/", apply.sent, name="express-sent"),
    path(f"{PARTNER}tasks/", tasks.tasks, name="tasks"),
    path(f"{PARTNER}tasks/<int:task>/", tasks.task, name="task"),
    path(f"{PARTNER}tasks/<int:task>/move/", tasks.move, name="task-move"),
    path(f"{PARTNER}agreement/", agreements.agreement, name="agreement"),
    path(f"{PARTNER}agreement/record/", agreements.edit, name="agreement-edit"),
    path(f"{PARTNER}officers/", agreements.officers, name="officers"),
    path(
        f"{PARTNER}officers/<int:officer>/remove/", agreements.remove_officer, name="officer-remove"
    ),
]

"""What a trial manager does: open a survey, extend and close its windows, renew a link."""

from datetime import date, datetime

from django.db import transaction

from lighttouch.core.errors import InputError
from lighttouch.core.protocol.design import SurveyWindow
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.accounts.models import User
from lighttouch.web.audit.actions import Detail, record
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.enrolment.words import check_words
from lighttouch.web.programmes.models import Participation, Partner, Stage, Trial
from lighttouch.web.protocols.queries import declared
from lighttouch.web.returns.queries import today_of
from lighttouch.web.surveys.asking import (
    asks_by_arm,
    freeze_questionnaire,
    hash_asked,
    minutes_of,
    title_of,
)
from lighttouch.web.surveys.consent import make_statement, version_of
from lighttouch.web.surveys.links import digest_of, token_for, token_of
from lighttouch.web.surveys.models import Link, Survey, Window
from lighttouch.web.surveys.openings import tell_opened
from lighttouch.web.surveys.sources import refuse_second_source
from lighttouch.web.surveys.varying import Variants, draw_variants

BATCH = 500


class MovedOnError(InputError):
    """What is to be changed was changed by somebody else in the meantime."""


@transaction.atomic
def open_survey(*, trial: Trial, wave: str, by: User, now: datetime) -> Survey:
    """Freeze what a wave asks, set each partner's window, and make everybody's link.

    Opening what is open changes nothing.

    Raises
    ------
    InputError
        If the roster is not frozen, the data are locked, the trial file has no such survey, a
        partner has no launch date, or some arms are asked more and nothing is allocated yet.
    """
    trial = (
        Trial.objects.select_for_update(of=("self",)).select_related("programme").get(pk=trial.pk)
    )
    if found := Survey.objects.filter(trial=trial, wave=wave).first():
        return found
    _refuse_unless_running(trial)
    refuse_second_source(trial)
    plan = declared(trial)
    _survey_of_wave(plan, wave)
    variants = draw_variants(trial, plan, wave)
    survey = _make_survey(trial, plan, wave, variants, by=by, now=now)
    _make_windows(survey, plan)
    links = _make_links(survey, variants, now)
    tell_opened(survey, by, now)
    _note("survey.opened", survey, by=by, now=now, details={"wave": wave, "links": links})
    return survey


def _refuse_unless_running(trial: Trial) -> None:
    if not trial.has_reached(Stage.ENROLLED):
        raise InputError(
            "the roster is not frozen yet", where=trial.slug, remedy="Freeze the roster first"
        )
    if trial.has_reached(Stage.LOCKED):
        raise InputError("the trial's data are locked", where=trial.slug)


def _survey_of_wave(plan: DeclaredTrial, wave: str) -> SurveyWindow:
    found = next((one.survey for one in plan.waves if one.id == wave), None)
    if found is None:
        raise InputError(
            "the trial file has no survey at this wave",
            where=wave,
            remedy="Name a wave that has one",
        )
    return found


def _make_survey(
    trial: Trial, plan: DeclaredTrial, wave: str, variants: Variants, *, by: User, now: datetime
) -> Survey:
    asked = freeze_questionnaire(plan, wave, variants.by_arm)
    if not asked:
        raise InputError("the questionnaire asks nothing at this wave", where=wave)
    title = title_of(plan, wave)
    statement = make_statement(
        plan,
        title=title,
        programme=trial.programme.title,
        same=not asks_by_arm(plan, wave),
        prize=_survey_of_wave(plan, wave).prize,
    )
    survey = Survey(
        trial=trial,
        wave=wave,
        questionnaire=_survey_of_wave(plan, wave).questionnaire,
        title=title,
        asked=asked,
        sha256=hash_asked(asked),
        minutes=minutes_of(plan, wave, asked),
        statement=statement,
        consent_version=version_of(statement),
        least_cell=plan.privacy.smallest_cell,
        opened_at=now,
        opened_by=by,
    )
    survey.full_clean()
    survey.save(force_insert=True)
    return survey


def _make_windows(survey: Survey, plan: DeclaredTrial) -> None:
    declared_survey = _survey_of_wave(plan, survey.wave)
    launches = {partner.id: partner.launch for partner in plan.population.partners}
    for one in Participation.objects.filter(trial=survey.trial).select_related("partner"):
        launch = launches.get(one.partner.code)
        if launch is None:
            raise InputError(
                "the partner has no launch date",
                where=one.partner.code,
                remedy="Give its launch in the trial file, as an amendment",
            )
        window = Window(
            survey=survey,
            partner=one.partner,
            opens_on=declared_survey.opens.after(launch),
            closes_on=declared_survey.closes.after(launch),
        )
        window.full_clean()
        window.save(force_insert=True)


def _make_links(survey: Survey, variants: Variants, now: datetime) -> int:
    enrolled = Participant.objects.filter(trial=survey.trial, excluded_because="")
    keys = enrolled.order_by("pk").values_list("pk", flat=True)
    made = [
        Link(
            survey=survey,
            participant_id=key,
            digest=digest_of(token_for(survey.pk, key, 1)),
            variant=variants.of(key),
            made_at=now,
        )
        for key in keys
    ]
    return len(Link.objects.bulk_create(made, batch_size=BATCH))


@transaction.atomic
def extend(
    *, window: Window, closes_on: date, because: str, revision: int, by: User, now: datetime
) -> Window:
    """Let a window close later, with the reason; one closed by hand opens again.

    Raises
    ------
    MovedOnError
        If the window changed since it was read.
    InputError
        If the day is past or earlier than before, the reason is empty or looks personal, or the
        data are locked.
    """
    window = _lock(window)
    if window.revision != revision:
        raise MovedOnError(
            "somebody changed these dates in the meantime",
            where="the window",
            remedy="Look at them again, then change them",
        )
    _refuse_unless_running(window.survey.trial)
    if closes_on < today_of(now) or (closes_on <= window.closes_on and not window.closed_at):
        raise InputError(
            "the day is not later than the one in force",
            where="last day",
            remedy="Give a later day",
        )
    window.extended_because = check_words(because, "reason")[:300]
    window.closes_on, window.closed_at, window.closed_by = closes_on, None, None
    details: dict[str, Detail] = {
        "closes_on": closes_on.isoformat(),
        "because": window.extended_because,
    }
    return _keep(window, "survey.extended", by=by, now=now, details=details)


@transaction.atomic
def close(*, window: Window, by: User, now: datetime, because: str = "") -> Window:
    """Close a window now; what was saved is kept. Closing what is closed changes nothing.

    Raises
    ------
    InputError
        If the reason looks personal.
    """
    window = _lock(window)
    if window.closed_at is not None:
        return window
    window.closed_at, window.closed_by = now, by
    details: dict[str, Detail] = {"because": check_words(because, "reason")} if because else {}
    return _keep(window, "survey.closed", by=by, now=now, details=details)


def _lock(window: Window) -> Window:
    found = Window.objects.select_for_update(of=("self",)).select_related(
        "survey__trial__programme", "partner"
    )
    return found.get(pk=window.pk)


def _keep(
    window: Window, act: str, *, by: User, now: datetime, details: dict[str, Detail]
) -> Window:
    window.revision += 1
    window.full_clean()
    window.save()
    details = {"wave": window.survey.wave, **details}
    _note(act, window.survey, by=by, now=now, details=details, partner=window.partner)
    return window


@transaction.atomic
def renew_link(*, link: Link, by: User, now: datetime) -> Link:
    """End a person's link and make another: for one that was lost or went astray.

    Raises
    ------
    InputError
        If the link was ended already.
    """
    link = (
        Link.objects.select_for_update(of=("self",))
        .select_related("survey__trial__programme", "participant__partner")
        .get(pk=link.pk)
    )
    if link.ended_at is not None:
        raise InputError("the link was renewed already", where="the link", remedy="Use the new one")
    link.ended_at = now
    link.save(update_fields=("ended_at",))
    new = Link(
        survey=link.survey,
        participant=link.participant,
        number=link.number + 1,
        variant=link.variant,
        made_at=now,
    )
    new.digest = digest_of(token_of(new))
    new.full_clean()
    new.save(force_insert=True)
    details: dict[str, Detail] = {"wave": link.survey.wave}
    partner = link.participant.partner
    _note("survey.link_renewed", link.survey, by=by, now=now, details=details, partner=partner)
    return new


def _note(
    act: str,
    survey: Survey,
    *,
    by: User,
    now: datetime,
    details: dict[str, Detail],
    partner: Partner | None = None,
) -> None:
    record(
        act=act,
        by=by,
        now=now,
        programme=survey.trial.programme.slug,
        trial=survey.trial.slug,
        partner=partner.code if partner else "",
        details=details,
    )

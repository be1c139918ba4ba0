"""The letters trial with three weekly e-mails for one arm, and the same later for the other."""

from datetime import datetime

from lighttouch.web.allocation.models import Assignment
from lighttouch.web.delivery import actions
from lighttouch.web.delivery.models import Delivery, Mailing
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.programmes.models import Partner
from tests.web.cast import NOW, Cast
from tests.web.delivery import cases
from tests.web.protocols.cases import amended, edit
from tests.web.returns.cases import letters_text

STEP = """channel = "letter"
content = "The letter of recognition."
"""
WORDS = """
[[interventions.steps.messages]]
subject = "{number} of 3: thank you"
text = \"\"\"
What you do at {{partner}} is seen by the team of {{team}}.

Write back and say what helps.\"\"\"
"""
WEEKLY = """channel = "email"
content = "The letter of recognition, in three parts."
every = "1 week"
times = 3
"""
LATER = WEEKLY + 'messages_of = "recognition_letter.post_letter"\n'


def worded_text(*changes: tuple[str, str]) -> str:
    """The letters trial file with messages in it."""
    first = WEEKLY + "".join(WORDS.format(number=number) for number in (1, 2, 3))
    return edit(letters_text(), (STEP, first), (STEP, LATER), *changes)


def put_in_words(cast: Cast, *changes: tuple[str, str]) -> None:
    """Amend the trial so that its messages are sent from here."""
    amended(cast, cast.trial, worded_text(*changes), "Sent by e-mail.")


def plan(cast: Cast, now: datetime = NOW) -> None:
    """Plan the messages of the interventions."""
    actions.plan_interventions(trial=cast.trial, by=cast["trial_manager"], now=now)


def ready(cast: Cast, *changes: tuple[str, str]) -> None:
    """Dudley's messages: planned and signed off, with everybody's e-mail address in the vault."""
    cases.seal(cast, cast.dudley, cast["coordinator"])
    put_in_words(cast, *changes)
    plan(cast)
    cases.sign_off(cast, cast.dudley)


def mailing(cast: Cast, number: int = 1, intervention: str = "recognition_letter") -> Mailing:
    """One of Dudley's mailings."""
    found = Mailing.objects.select_related("step", "partner", "signed_off_by")
    return found.get(partner=cast.dudley, step__intervention=intervention, step__number=number)


def deliveries(of: Mailing) -> list[Delivery]:
    """What a mailing sends, in order."""
    return list(of.deliveries.select_related("participant", "mailing", "step").order_by("pk"))


def arm_of(cast: Cast, arm: str, partner: Partner) -> set[int]:
    """Who was drawn into an arm at a partner."""
    found = Assignment.objects.filter(
        allocation__trial=cast.trial, arm=arm, participant__partner=partner
    )
    return set(found.values_list("participant", flat=True))


def keep(first: list[Delivery]) -> None:
    """Leave only these deliveries waiting."""
    Delivery.objects.exclude(pk__in=[one.pk for one in first]).update(
        state="cancelled", claim=None, lease_until=None
    )


def somebody_else(cast: Cast) -> Participant:
    """Somebody at Dudley who was screened and never drawn."""
    return Participant.objects.create(trial=cast.trial, partner=cast.dudley, staff_id="NEVER1")

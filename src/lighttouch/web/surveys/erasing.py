"""What goes when somebody's answers are erased; their row stays as a sealed marker."""

from datetime import datetime

from lighttouch.web.enrolment.erasing import on_erase
from lighttouch.web.enrolment.models import Participant
from lighttouch.web.surveys.models import Answer, Device, Response


def empty_response(response: Response, now: datetime) -> int:
    """Delete a response's answers and devices and seal it; return how many answers went."""
    gone = empty_answers(response.pk)
    Device.objects.filter(response=response).delete()
    response.erased_at = response.erased_at or now
    response.save(update_fields=("erased_at",))
    return gone


def empty_answers(response: int) -> int:
    """Delete a response's answers; return how many went."""
    return Answer.objects.filter(response=response).delete()[0]


@on_erase
def erase_responses(participant: Participant, now: datetime) -> dict[str, int]:
    """Erase everything a participant answered, in every wave."""
    found = Response.objects.select_for_update().filter(participant=participant)
    return {"answers": sum(empty_response(one, now) for one in found)}

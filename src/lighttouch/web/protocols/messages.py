"""Whether what messages name will be known at every partner, before a protocol is in force."""

from lighttouch.core.errors import Fault, ProtocolError
from lighttouch.core.protocol.checks_messages import needs_names
from lighttouch.core.protocol.problems import Problem, add_lines
from lighttouch.core.protocol.trial import Trial as DeclaredTrial
from lighttouch.web.partners.models import Agreement, ContactRoute
from lighttouch.web.programmes.models import Trial


def refuse_unknown_names(trial: Trial, declared: DeclaredTrial, text: str) -> None:
    """Refuse messages that name people where a partner keeps the names itself.

    Raises
    ------
    ProtocolError
        With each such message, by line, and the partners that keep them.
    """
    if not (places := needs_names(declared)):
        return
    vaults = Agreement.objects.filter(trial=trial, contact_route=ContactRoute.VAULT)
    known = set(vaults.values_list("partner__code", flat=True))
    held = [
        one.name
        for one in declared.population.partners
        if one.status == "recruited" and one.id not in known
    ]
    if held:
        faults: list[Fault] = [
            Problem(
                path,
                f"the site will not know first names at {', '.join(held)}",
                "Leave {first_name} out, or agree first that names are kept in the vault",
            ).as_fault()
            for path in places
        ]
        raise ProtocolError(add_lines(faults, text))

"""A link lets its owner in once, by its button only, and only in its time."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.errors import InputError
from lighttouch.web.accounts.actions import (
    LINK_LIVES,
    make_link,
    sign_out_everywhere,
    use_link,
)
from lighttouch.web.accounts.models import Link, User
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.models import Event, Receipt
from lighttouch.web.jobs.registry import PERIODICS
from tests.web.cast import NOW, Cast, make_cast
from tests.web.together import at_once, errors

MINUTE = timedelta(minutes=1)
SIGN_IN = Link.Purpose.SIGN_IN


def link_for(user: User, purpose: Link.Purpose = SIGN_IN, now: object = NOW) -> str:
    return make_link(user=user, purpose=purpose, by=OPERATOR, now=now)  # type: ignore[arg-type]


def test_link_lets_its_owner_in(cast: Cast) -> None:
    token = link_for(cast["coordinator"])
    assert use_link(token=token, now=NOW + MINUTE) == cast["coordinator"]


def test_link_works_once(cast: Cast) -> None:
    token = link_for(cast["coordinator"])
    use_link(token=token, now=NOW)
    with pytest.raises(InputError, match="used already"):
        use_link(token=token, now=NOW)


@pytest.mark.parametrize("purpose", list(Link.Purpose))
def test_link_works_to_the_end_of_its_time_and_no_longer(cast: Cast, purpose: Link.Purpose) -> None:
    end = NOW + LINK_LIVES[purpose]
    late = link_for(cast["coordinator"], purpose)
    with pytest.raises(InputError, match="too old"):
        use_link(token=late, now=end)
    assert use_link(token=late, now=end - timedelta(seconds=1)) == cast["coordinator"]


def test_sign_in_links_live_15_minutes_and_invitations_a_week() -> None:
    assert {SIGN_IN: 15 * MINUTE, Link.Purpose.INVITATION: timedelta(days=7)} == LINK_LIVES


def test_using_a_newer_link_ends_the_older(cast: Cast) -> None:
    older = link_for(cast["coordinator"])
    newer = link_for(cast["coordinator"], now=NOW + MINUTE)
    use_link(token=newer, now=NOW + 2 * MINUTE)
    with pytest.raises(InputError, match="used already"):
        use_link(token=older, now=NOW + 2 * MINUTE)


def test_using_an_older_link_leaves_the_newer_and_those_of_others(cast: Cast) -> None:
    older = link_for(cast["coordinator"])
    newer = link_for(cast["coordinator"], now=NOW + MINUTE)
    another = link_for(cast["stranger"])
    use_link(token=older, now=NOW + MINUTE)
    assert use_link(token=newer, now=NOW + MINUTE) == cast["coordinator"]
    assert use_link(token=another, now=NOW + MINUTE) == cast["stranger"]


def test_link_of_a_closed_account_does_not_work(cast: Cast) -> None:
    token = link_for(cast["coordinator"])
    User.objects.filter(pk=cast["coordinator"].pk).update(is_active=False)
    with pytest.raises(InputError, match="does not work"):
        use_link(token=token, now=NOW)


def test_signing_out_everywhere_ends_links_that_were_not_used(cast: Cast) -> None:
    token = link_for(cast["coordinator"])
    sign_out_everywhere(user=cast["coordinator"], by=cast["coordinator"], now=NOW)
    with pytest.raises(InputError):
        use_link(token=token, now=NOW)


def test_forged_links_do_not_work(cast: Cast) -> None:
    token = link_for(cast["coordinator"])
    stored = Link.objects.get().token_sha256

    @given(st.text(max_size=60) | st.sampled_from([stored, token[:-1], token + "A", token.upper()]))
    @settings(max_examples=40, deadline=None)
    def try_one(forged: str) -> None:
        if forged != token:
            with pytest.raises(InputError, match="does not work"):
                use_link(token=forged, now=NOW)

    try_one()


def test_link_carries_128_bits_and_only_its_hash_is_kept(cast: Cast) -> None:
    tokens = {link_for(cast["coordinator"]) for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 22 for token in tokens)  # 16 bytes in base64
    rows = " ".join(str(row) for row in Link.objects.values())
    assert not any(token in rows for token in tokens)


def test_neither_making_nor_using_a_link_logs_the_token(cast: Cast) -> None:
    token = link_for(cast["coordinator"])
    use_link(token=token, now=NOW)
    assert token not in " ".join(str(row) for row in Event.objects.values())
    assert [event.act for event in Event.objects.all()] == ["link.made", "link.used"]


def test_links_sessions_and_receipts_long_over_are_cleared_up_and_no_others(cast: Cast) -> None:
    month = timedelta(days=31)
    for when in (NOW, NOW - month):
        link_for(cast["coordinator"], now=when)
        Receipt.objects.create(token=str(when), at=when, address="/")
        Session.objects.create(session_key=str(when), session_data="", expire_date=when)
    PERIODICS["accounts.clear_up"].function(NOW)
    counts = [model.objects.count() for model in (Link, Receipt, Session)]
    assert counts == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_link_at_the_same_moment_one_gets_in() -> None:
    cast = make_cast()
    token = link_for(cast["coordinator"])
    outcomes = at_once(*[lambda: use_link(token=token, now=NOW)] * 2)
    assert [type(error) for error in errors(outcomes)] == [InputError]

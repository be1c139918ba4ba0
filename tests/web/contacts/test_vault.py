"""The vault takes contacts only where that was agreed, seals them, and lets go of them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from lighttouch.core.errors import InputError
from lighttouch.web.audit.models import Event
from lighttouch.web.contacts import actions, jobs, opening, queries, reading
from lighttouch.web.contacts.models import Contact, PartnerKey
from lighttouch.web.partners.models import Agreement, ContactRoute
from tests.web.cast import NOW, Cast
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])

NAME, EMAIL = "Marguerite", "m.zebedee@example.org"
LATER = (NOW + timedelta(days=400)).date()


def key_file(*rows: str) -> bytes:
    return ("\r\n".join([",".join(reading.HEADINGS), *rows]) + "\r\n").encode()


GOOD = key_file(
    f"S001,{NAME},Zebedee,{EMAIL},,,", 'S002,Ann,Other,,,"1 High Street, Dudley",DY1 1AA'
)


@pytest.fixture
def agreed(cast: Cast) -> Cast:
    """The coordinator's partner agreed that its contacts are kept in the vault."""
    Agreement.objects.update_or_create(
        trial=cast.trial, partner=cast.dudley, defaults={"contact_route": ContactRoute.VAULT}
    )
    return cast


def store(cast: Cast, content: bytes = GOOD) -> int:
    return actions.store_contacts(
        trial=cast.trial,
        partner=cast.dudley,
        filename="key.csv",
        content=content,
        destroy_on=LATER,
        by=cast["coordinator"],
        now=NOW,
    )


def everything_in(alias: str) -> str:
    """Every cell of every table of a database, as text."""
    with connections[alias].cursor() as cursor:
        tables = connections[alias].introspection.table_names(cursor)
        cells = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                cells += [bytes(c) if isinstance(c, memoryview) else c for c in row]
    return repr(cells)


def test_what_is_stored_can_be_opened_by_code_and_read_nowhere(agreed: Cast) -> None:
    assert store(agreed) == 2
    found = opening.open_contacts("letters", "dudley", ["S001", "S009"])
    assert {code: (p.first_name, p.email) for code, p in found.items()} == {"S001": (NAME, EMAIL)}
    for alias in ("default", "contacts"):
        assert NAME not in everything_in(alias)
        assert EMAIL not in everything_in(alias)


def test_nothing_is_taken_from_a_partner_that_holds_its_contacts(cast: Cast) -> None:
    with pytest.raises(InputError, match="holds its contacts itself"):
        store(cast)
    assert not Contact.objects.exists()


def test_a_newer_list_destroys_the_older_key(agreed: Cast) -> None:
    store(agreed)
    store(agreed, key_file("S003,New,Person,new@example.org,,,"))
    assert [k.sealed_key == b"" for k in PartnerKey.objects.order_by("pk")] == [True, False]
    assert opening.open_contacts("letters", "dudley", ["S001"]) == {}


def test_contacts_are_destroyed_on_the_promised_day_and_not_before(agreed: Cast) -> None:
    store(agreed)
    jobs.destroy_on_the_day(NOW + timedelta(days=399))
    assert Contact.objects.count() == 2
    jobs.destroy_on_the_day(NOW + timedelta(days=400))
    assert not Contact.objects.exists()
    assert queries.held_for("letters", "dudley")[0].destroyed_at == NOW + timedelta(days=400)
    assert Event.objects.filter(act="contacts.destroyed").get().details == {"people": 2}


@pytest.mark.parametrize(
    ("row", "where"),
    [
        (",A,B,a@example.org,,,", "row 2, Staff code"),
        ("S001,A,B,nonsense,,,", "row 2, E-mail"),
        ("S001,A,B,,,,", "row 2"),
        ("S001,A,B,,,1 High Street,", "row 2, Postcode"),
    ],
)
def test_a_fault_says_where_and_never_what_the_cell_holds(
    agreed: Cast, row: str, where: str
) -> None:
    with pytest.raises(InputError) as caught:
        store(agreed, key_file(row))
    assert caught.value.faults[0].where == where
    assert "nonsense" not in str(caught.value)
    assert "High Street" not in str(caught.value)
    assert not PartnerKey.objects.exists()


def test_a_code_given_twice_is_refused(agreed: Cast) -> None:
    twice = "S001,A,B,a@example.org,,,"
    with pytest.raises(InputError, match="twice"):
        store(agreed, key_file(twice, twice))


def test_a_file_without_the_headings_names_those_that_are_missing(agreed: Cast) -> None:
    with pytest.raises(InputError, match="Postcode"):
        store(agreed, b"Staff code,E-mail\r\nS001,a@example.org\r\n")


def test_page_takes_a_list_and_shows_only_how_many(agreed: Cast, sign_in: SignIn) -> None:
    browser = sign_in("coordinator")
    address = "/trials/letters/partners/dudley/contacts/"
    form = {
        "file": SimpleUploadedFile("key.csv", GOOD),
        "destroy_on_day": LATER.day,
        "destroy_on_month": LATER.month,
        "destroy_on_year": LATER.year,
    }
    assert browser.post(address, form).status_code == 302
    body = browser.get(address).content.decode()
    assert "2 people" in body
    assert NAME not in body
    assert EMAIL not in body


def test_page_of_a_partner_that_holds_its_contacts_offers_no_form(
    cast: Cast, sign_in: SignIn
) -> None:
    body = sign_in("coordinator").get("/trials/letters/partners/dudley/contacts/").content.decode()
    assert "it never comes here" in body
    assert 'type="file"' not in body

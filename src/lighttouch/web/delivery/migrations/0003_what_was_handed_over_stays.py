"""Triggers: what a pack held, and when it was made, does not change."""

from django.db import migrations

from lighttouch.web.enrolment.triggers import keep_as_written

STAYS = {
    "delivery_pack": (
        "mailing_id",
        "kind",
        "number",
        "claim",
        "made_at",
        "made_by_id",
        "settled_at?",
        "settled_by_id?",
    )
}


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_what_passed_stays")]
    operations = [
        keep_as_written("delivery_pack", STAYS, "what was handed to a partner does not change"),
    ]

"""Triggers: a draw never changes, nor who proposed and confirmed it."""

from django.db import migrations

from lighttouch.web.enrolment.triggers import keep_as_written

STAYS = {
    "allocation_proposal": (
        "trial_id",
        "roster_sha256",
        "proposed_by_id",
        "proposed_at",
        "confirmed_by_id?",
        "confirmed_at?",
        "withdrawn_by_id?",
        "withdrawn_at?",
    ),
    "allocation_allocation": (
        "trial_id",
        "of_roster_id",
        "record_id",
        "table_id",
        "roster_id",
        "proposed_by_id",
        "confirmed_by_id",
        "drawn_at",
    ),
    "allocation_assignment": ("allocation_id", "participant_id", "unit", "arm"),
    "allocation_lock": ("trial_id", "at", "by_id", "reason"),
    "allocation_unblinding": (
        "trial_id",
        "reason",
        "proposed_by_id",
        "proposed_at",
        "confirmed_by_id?",
        "confirmed_at?",
        "withdrawn_by_id?",
        "withdrawn_at?",
    ),
}


class Migration(migrations.Migration):
    dependencies = [("allocation", "0001_initial")]
    operations = [
        keep_as_written("allocation", STAYS, "what was drawn or decided is never changed")
    ]

"""Triggers: nothing of a frozen roster ever changes, nor what was recorded as having happened."""

from django.db import migrations

from lighttouch.web.enrolment.triggers import keep_as_written

STAYS = {
    "enrolment_roster": (
        "trial_id",
        "number",
        "file_id",
        "sha256",
        "design_sha256",
        "frozen_at",
        "frozen_by_id",
        "people",
        "randomisable",
    ),
    "enrolment_rostersource": ("roster_id", "partner_id", "suffix", "file_id"),
    "enrolment_earlierroster": (
        "trial_id",
        "number",
        "file_id",
        "sha256",
        "people",
        "randomisable",
        "frozen_at",
        "frozen_by_id",
        "replaced_at",
        "replaced_by_id",
        "reason",
    ),
    "enrolment_rostercount": ("trial_id", "partner_id", "excluded_because", "people"),
    "enrolment_armcount": ("trial_id", "arm", "units", "people"),
    "enrolment_participant": (
        "trial_id",
        "partner_id",
        "staff_id",
        "team",
        "building",
        "excluded_because",
    ),
    "enrolment_happening": (
        "participant_id",
        "event",
        "detail",
        "team",
        "building",
        "on",
        "recorded_by_id",
        "recorded_at",
        "cancelled_at?",
        "cancelled_by_id?",
    ),
}


class Migration(migrations.Migration):
    dependencies = [("enrolment", "0001_initial")]
    operations = [
        keep_as_written("enrolment", STAYS, "what was frozen or recorded is never changed")
    ]

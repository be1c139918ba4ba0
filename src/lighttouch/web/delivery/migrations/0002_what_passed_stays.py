"""Triggers: what a delivery came through is only ever added to."""

from django.db import migrations

from lighttouch.web.enrolment.triggers import keep_as_written

STAYS = {"delivery_passage": ("delivery_id", "state", "at", "note")}


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0001_initial"),
        ("enrolment", "0002_what_is_frozen_stays"),
    ]
    operations = [
        keep_as_written("delivery", STAYS, "what a delivery came through does not change")
    ]

"""Triggers: prizes never change once they are committed to, nor does their draw."""

from django.db import migrations

from lighttouch.web.enrolment.triggers import keep_as_written

STAYS = {
    "prizes_prize": (
        "survey_id",
        "rule",
        "number",
        "worth",
        "smallest_team",
        "commitment",
        "committed_at",
    ),
    "prizes_draw": ("prize_id", "record_id", "entries_id", "drawn_at", "drawn_by_id"),
}


class Migration(migrations.Migration):
    dependencies = [("prizes", "0001_initial")]
    operations = [keep_as_written("prizes", STAYS, "what was drawn is never changed")]

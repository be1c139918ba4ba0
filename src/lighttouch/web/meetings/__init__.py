"""A survey in a team's own meeting: one code to show, and each person's own page behind a slip."""

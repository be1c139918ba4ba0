"""Names and columns of the files in an archive.

The contract between everything that writes an archive and everything that reads one.
"""

MANIFEST = "MANIFEST.toml"
TRIAL = "trial.toml"
"""The trial file that was run; what was registered lies under ``protocol``."""

PROTOCOL = "protocol/registered.toml"
REGISTRATION = "protocol/registration.toml"
ROSTER = "roster.csv"
ALLOCATION_TABLE = "allocation.csv"
ALLOCATION_RECORD = "allocation.toml"
RESPONSES = "responses.csv"
DELIVERIES = "deliveries.csv"
UPTAKE = "uptake.csv"
EVENTS = "events.csv"
QUOTES = "quotes.csv"
FUNNEL = "funnel.csv"
DEVIATIONS = "deviations.toml"
FINDINGS = "findings.csv"
RESULTS = "results.json"
REPORT = "report"
RETURNS = "returns"
TABLES = "tables"
PRIZES = "prizes"
"""Draws of prizes: ``<wave>.toml``, the record, and ``<wave>.csv``, the entries; no answers."""

ROSTER_COLUMNS = ("participant", "partner", "staff_id", "excluded_because")
"""First columns of the roster. ``participant`` is ``partner/staff_id``; ``excluded_because`` is
empty for those randomised. The remaining columns are those of the baseline return (or given
table), in template order.
"""

ALLOCATION_COLUMNS = ("unit", "block", "stratum", "arm", "probability")
"""One row per allocated unit: a participant, or ``partner/cluster`` when clusters are allocated.
``probability`` is the unit's chance of the arm it got.
"""

FINDING_COLUMNS = ("partner", "wave", "blocking", "advisory")
"""How many findings each return had when it was accepted."""

RESPONSE_COLUMNS = ("participant", "wave", "item", "value")
"""Long, one row per answered item; ``value`` is text (a number for scales)."""

TIMED_COLUMNS = (*RESPONSE_COLUMNS, "seconds")
"""The same with how long the question was in sight, in whole seconds; empty where not known."""

DELIVERY_COLUMNS = ("participant", "intervention", "step", "due", "state", "at")
"""One row for each day on which a delivery's state changed: the state at the end of that day.
``due`` is the day it was planned for; ``intervention`` is ``survey`` for messages of surveys.
"""

UPTAKE_COLUMNS = ("participant", "event", "at", "detail")
EVENT_COLUMNS = ("participant", "event", "at", "detail")
QUOTE_COLUMNS = ("theme", "role", "quote", "cleared_by")

FUNNEL_COLUMNS = ("stage", "partners", "note")
"""Stages of recruitment in the order they happened, with how many partners were left at each."""

"""The whole proof of delivery: 500 kills in 5,000 deliveries, for each peer on each database.

Run with ``python -m benchmarks.prove_delivery``; it takes five to twenty minutes for each of the
four, and writes ``docs/proof.md``. With ``--only notify-sqlite`` and so on it makes one again. The
tests run the same with seventy deliveries.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "proof.md"
RECORDS = ROOT / "benchmarks" / "records"
TEST = "tests/web/delivery/test_killing.py"
RUNS = [
    f"{peer}-{database}" for peer in ("notify", "smtp") for database in ("sqlite", "postgresql")
]
PEERS = {"notify": "GOV.UK Notify's API", "smtp": "mail server"}
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
STATUSES = ("delivered", "temporary-failure", "permanent-failure", "technical-failure")
HEAD = """# Proof of delivery

Written by `python -m benchmarks.prove_delivery`. Each line is one run: workers send to a real
server on the same machine that speaks GOV.UK Notify's API or SMTP, and are killed (SIGKILL) at
random moments, while the server refuses, falls silent, answers 429 and 500, hangs up before and
after it took a message, and brings receipts twice, in the wrong order, or not at all.

Afterwards the server's log is compared with the database. Nothing may be sent twice; nothing may
be lost or left half-way; whatever the server took must be called sent, delivered, came back,
failed by its receipt, or in doubt; whatever is in doubt must be on the pages; and every attempt
must be in the delivery's history.

"""
NOTE = """
*Killed in the act*: deliveries that were marked as not known since their worker was killed while
it handed them over, and no receipt had come by then. They stay in doubt until a receipt or a person
says what became of them; the program never sends them again by itself.

What is in doubt at the end is that, and what the server was silent about. A person settles it.

`tests/web/delivery/test_killing.py` runs the same with seventy deliveries on every change, and
shows that senders that are wrong are found: one that sends again what a dead worker had begun, and
one that takes silence for a yes.
"""


def main() -> None:
    """Run what is asked for, and write the page of all records there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=RUNS)
    parser.add_argument("--deliveries", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--workers", type=int, default=4)
    told = parser.parse_args()
    RECORDS.mkdir(exist_ok=True)
    for name in [told.only] if told.only else RUNS:
        run(name, told.deliveries, told.kills, told.workers)
    write_page()


def run(name: str, deliveries: int, kills: int, workers: int) -> None:
    """Make one run and keep its record; end with a fault if anything was found."""
    peer, database = name.split("-")
    with tempfile.TemporaryDirectory() as folder:
        variables = os.environ | {
            "PROVE_DELIVERIES": str(deliveries),
            "PROVE_KILLS": str(kills),
            "PROVE_WORKERS": str(workers),
            "PROVE_FASTER": "15",
            "PROVE_RECORDS": folder,
        }
        test = [sys.executable, "-m", "pytest", TEST, "-q", "-x", "-p", "no:cacheprovider"]
        test += ["-k", f"nothing_twice and {peer}"]
        server = [sys.executable, "-m", "tests.web.postgres"] if database == "postgresql" else []
        done = subprocess.run([*server, *test], cwd=ROOT, env=variables, check=False)
        kept = json.loads((Path(folder) / f"{peer}.json").read_text(encoding="utf-8"))
    kept |= {
        "database": database,
        "on": date.today().isoformat(),  # noqa: DTZ011
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    text = json.dumps(kept, indent=2, sort_keys=True) + "\n"
    (RECORDS / f"{name}.json").write_text(text, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{name}: {', '.join(kept['faults']) or 'the run is not whole'}")


def write_page() -> None:
    """Write what all records say."""
    found = [RECORDS / f"{name}.json" for name in RUNS]
    records = [json.loads(path.read_text(encoding="utf-8")) for path in found if path.exists()]
    table = [
        "| Peer, database | Deliveries | Workers | Kills | Minutes | Taken by the peer "
        "| Twice, lost or untrue | Killed in the act | At the end |",
        "|---|---|---|---|---|---|---|---|---|",
        *(line_of(record) for record in records),
    ]
    troubles = [troubles_of(record) for record in records]
    made = sorted({f"{one['on']}, Python {one['python']}, {one['cores']} cores" for one in records})
    PAGE.write_text(
        HEAD
        + "\n".join(table)
        + f"\n{NOTE}\n## What went wrong at the peer, and how often\n\n"
        + "\n".join(troubles)
        + f"\n\n{'; '.join(made)}.\n",
        encoding="utf-8",
    )


def name_of(record: dict[str, Any]) -> str:
    """Name a run for people."""
    return f"{PEERS[record['peer']]}, {DATABASES[record['database']]}"


def line_of(record: dict[str, Any]) -> str:
    """Return one run's line of the table."""
    cells = [
        name_of(record),
        f"{record['run']['deliveries']:,}",
        record["run"]["workers"],
        record["killed"],
        f"{record['seconds'] / 60:.0f}",
        f"{record['taken']:,}",
        "; ".join(record["faults"]) or "none",
        record["died"],
        count(record["states"]),
    ]
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def troubles_of(record: dict[str, Any]) -> str:
    """Say what went wrong at the peer in a run, and apart from that what its receipts said."""
    found: dict[str, int] = record["troubles"]
    receipts = {
        name.replace(" ", ", then ") if name != "no receipt" else "none": number
        for name, number in found.items()
        if name == "no receipt" or name.split()[0] in STATUSES
    }
    others = {
        name: number
        for name, number in found.items()
        if name != "no receipt" and name.split()[0] not in STATUSES
    }
    line = f"- {name_of(record)}: {count(others)}."
    said = "; ".join(f"{name}: {number:,}" for name, number in receipts.items())
    return f"{line} Receipts, in the order in which they came: {said}." if receipts else line


def count(numbers: dict[str, int]) -> str:
    """Say how many of each, in lower case as pages do."""
    return ", ".join(f"{name.lower().replace('_', ' ')} {n:,}" for name, n in numbers.items())


if __name__ == "__main__":
    main()

"""Workers killed at random, and peers with bad days: nothing twice, nothing lost.

``benchmarks/prove_delivery.py`` runs the same with as many deliveries and kills as it is told.
"""

import json
import os
from pathlib import Path

import pytest

from tests.web.delivery.proving import Run, prove

DELIVERIES = int(os.environ.get("PROVE_DELIVERIES", "70"))
KILLS = int(os.environ.get("PROVE_KILLS", "20"))
WORKERS = int(os.environ.get("PROVE_WORKERS", "4"))
FASTER = int(os.environ.get("PROVE_FASTER", "100"))
RECORDS = os.environ.get("PROVE_RECORDS", "")
"""A folder for what came of the runs."""

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "contacts"])


@pytest.mark.parametrize("peer", ["smtp", "notify"])
def test_workers_killed_at_random_send_nothing_twice_and_lose_nothing(
    peer: str, tmp_path: Path
) -> None:
    record = prove(peer, Run(DELIVERIES, KILLS, WORKERS, FASTER), tmp_path)
    if RECORDS:
        (Path(RECORDS) / f"{peer}.json").write_text(json.dumps(record.as_dict()))
    assert record.faults == []
    assert record.killed == KILLS
    assert record.died, "no worker was killed while it handed something over: nothing was tried"
    assert not record.missing, "a trouble never came up: nothing was tried"


@pytest.mark.parametrize(
    ("broken", "kills", "fault"),
    [("requeues", 24, "sent twice"), ("trusts", 0, "called sent, and never taken")],
)
def test_a_sender_that_is_wrong_is_found_out(
    broken: str, kills: int, fault: str, tmp_path: Path
) -> None:
    record = prove("smtp", Run(60, kills, WORKERS, broken=broken), tmp_path)
    assert any(fault in found for found in record.faults), record.faults

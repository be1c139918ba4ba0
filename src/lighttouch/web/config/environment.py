"""Settings by environment: every variable read here, checked, and named in its fault.

| Variable | Meaning | If not set |
|---|---|---|
| ``LIGHTTOUCH_DATA`` | folder for the databases and the outbox | ``lighttouch-data`` here |
| ``DATABASE_URL`` | the platform's database | SQLite in the data folder |
| ``CONTACTS_DATABASE_URL`` | the vault's database | SQLite in the data folder |
| ``LIGHTTOUCH_SECRET_KEY`` | signs sessions and links | made once, kept in the data folder |
| ``LIGHTTOUCH_VAULT_KEYS`` | wrap the partners' keys, newest first | made once, likewise |
| ``LIGHTTOUCH_HOSTS`` | host names served, by comma | this machine only |
| ``LIGHTTOUCH_URL`` | address people use | ``http://127.0.0.1:8000`` |
| ``LIGHTTOUCH_BEHIND_TLS`` | 1 where people reach the site by https | 0 |
| ``LIGHTTOUCH_PROXY`` | 1 where a proxy in front sets X-Forwarded-Proto | 0 |
| ``LIGHTTOUCH_SMTP_URL`` | ``smtp://user:password@host:port`` | mail is written to ``outbox`` |
| ``LIGHTTOUCH_MAIL_FROM`` | sender of mail | ``Lighttouch <noreply@localhost>`` |
| ``LIGHTTOUCH_DEMO`` | 1 for a demonstration: second factor waived, a banner shown | 0 |
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet

from lighttouch.core.errors import InputError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Environment:
    """What the settings are made of, checked."""

    data: Path
    database_url: str
    contacts_url: str
    secret_key: str
    vault_keys: tuple[str, ...]
    hosts: tuple[str, ...]
    url: str
    behind_tls: bool
    proxy: bool
    smtp: "Smtp | None"
    mail_from: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where mail is handed over."""

    host: str
    port: int
    user: str
    password: str
    tls: bool


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read and check every variable.

    Raises
    ------
    InputError
        If a variable cannot be used; its name is given, never its value.
    """
    data = Path(variables.get("LIGHTTOUCH_DATA", "lighttouch-data")).absolute()
    url = variables.get("LIGHTTOUCH_URL", "http://127.0.0.1:8000").rstrip("/")
    hosts = tuple(h.strip() for h in variables.get("LIGHTTOUCH_HOSTS", "").split(",") if h.strip())
    demo = _flag(variables, "LIGHTTOUCH_DEMO")
    if demo and any(host not in LOOPBACK for host in hosts):
        raise InputError(
            "a demonstration is served to this machine only",
            where="LIGHTTOUCH_DEMO",
            remedy="Unset it, or unset LIGHTTOUCH_HOSTS",
        )
    database_url, contacts_url = _databases(variables, data)
    return Environment(
        data=data,
        database_url=database_url,
        contacts_url=contacts_url,
        secret_key=variables.get("LIGHTTOUCH_SECRET_KEY")
        or _kept(data / "secret-key", lambda: secrets.token_urlsafe(48)),
        vault_keys=_vault_keys(variables, data),
        hosts=hosts or LOOPBACK,
        url=url,
        behind_tls=_flag(variables, "LIGHTTOUCH_BEHIND_TLS"),
        proxy=_flag(variables, "LIGHTTOUCH_PROXY"),
        smtp=_smtp(variables.get("LIGHTTOUCH_SMTP_URL", "")),
        mail_from=variables.get("LIGHTTOUCH_MAIL_FROM", "Lighttouch <noreply@localhost>"),
        demo=demo,
    )


def _databases(variables: Mapping[str, str], data: Path) -> tuple[str, str]:
    given = variables.get("DATABASE_URL", "")
    contacts = variables.get("CONTACTS_DATABASE_URL", "")
    if given.startswith("postgres") and not contacts:
        raise InputError(
            "the vault needs a database of its own",
            where="CONTACTS_DATABASE_URL",
            remedy="Make a second database, on this server or another, and give its address",
        )
    if given and given == contacts:
        raise InputError(
            "the vault and the platform cannot share a database",
            where="CONTACTS_DATABASE_URL",
            remedy="Make a second database, on this server or another, and give its address",
        )
    return (
        given or f"sqlite:///{data / 'lighttouch.sqlite3'}",
        contacts or f"sqlite:///{data / 'contacts.sqlite3'}",
    )


def _vault_keys(variables: Mapping[str, str], data: Path) -> tuple[str, ...]:
    given = variables.get("LIGHTTOUCH_VAULT_KEYS") or _kept(
        data / "vault-keys", lambda: Fernet.generate_key().decode()
    )
    keys = tuple(key.strip() for key in given.split(",") if key.strip())
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise InputError(
            "a key of the vault is not one",
            where="LIGHTTOUCH_VAULT_KEYS",
            remedy="Give keys of 32 bytes in URL-safe base64, separated by commas",
        ) from error
    return keys


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file that only its owner may read, made the first time."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process made it at the same moment
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = make()
        file.write(secret + "\n")
    return secret


def _flag(variables: Mapping[str, str], name: str) -> bool:
    value = variables.get(name, "0").strip()
    if value not in ("", "0", "1"):
        raise InputError("the setting is neither 0 nor 1", where=name, remedy="Give 0 or 1")
    return value == "1"


def _smtp(address: str) -> Smtp | None:
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise InputError(
            "the address of the mail server cannot be read",
            where="LIGHTTOUCH_SMTP_URL",
            remedy="Give smtp://user:password@host:port",
        )
    return Smtp(
        host=parts.hostname,
        port=parts.port or 587,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.hostname not in LOOPBACK,
    )

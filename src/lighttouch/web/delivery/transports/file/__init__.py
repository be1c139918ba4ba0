"""E-mail as files: what is used where no mail server is set up, for trying things out.

Each message becomes ``<reference>.eml``, written whole or not at all. Since a reference names one
delivery, a second hand-over finds the first one's file and changes nothing.
"""

import os
from pathlib import Path

from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result
from lighttouch.web.delivery.transports.writing import write_email


class FileTransport:
    """Writes messages into a folder.

    Parameters
    ----------
    folder
        Made if it is not there; readable by the program alone.
    """

    name = "file"
    channels = frozenset({Channel.EMAIL})

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> Outcome:
        """Write one message; it is on the disk when this returns."""
        try:
            content = write_email(message).message().as_bytes()
        except (ValueError, TypeError):
            return Outcome(Result.REFUSED, "the message cannot be written as an e-mail")
        try:
            self._write(f"{message.reference}.eml", content)
        except OSError:
            return Outcome(Result.LATER, "the folder cannot be written to")
        return Outcome(Result.ACCEPTED, provider_id=message.reference)

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._folder / name
        if target.exists():
            return
        part = self._folder / f".{name}.{os.getpid()}"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Nothing is kept open."""

"""Messages as files: what is used where no mail server is set up, for trying things out.

An e-mail becomes ``<reference>.eml``, a text ``<reference>.txt``, a letter ``<reference>.pdf``,
written whole or not at all. Since a reference names one delivery, a second hand-over finds the
first one's file and changes nothing.
"""

import os
from pathlib import Path

from lighttouch.core.errors import LighttouchError
from lighttouch.web.delivery.transports.base import Channel, Message, Outcome, Result
from lighttouch.web.delivery.transports.writing import write_email

CANNOT = "the message cannot be written as a file of its kind"


class FileTransport:
    """Writes messages into a folder.

    Parameters
    ----------
    folder
        Made if it is not there; readable by the program alone.
    """

    name = "file"
    channels = frozenset(Channel)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> Outcome:
        """Write one message; it is on the disk when this returns."""
        try:
            ending, content = _write(message)
        except (ValueError, TypeError, LighttouchError):
            return Outcome(Result.REFUSED, CANNOT)
        try:
            self._keep(f"{message.reference}.{ending}", content)
        except OSError:
            return Outcome(Result.LATER, "the folder cannot be written to")
        return Outcome(Result.ACCEPTED, provider_id=message.reference)

    def _keep(self, name: str, content: bytes) -> None:
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


def _write(message: Message) -> tuple[str, bytes]:
    """Return how the file's name ends, and what is in it."""
    if message.channel == Channel.EMAIL:
        return "eml", write_email(message).message().as_bytes()
    if message.channel == Channel.LETTER:
        # only where a letter is made
        from lighttouch.web.delivery.transports.print import set_letter

        return "pdf", set_letter(message)
    if not isinstance(message.address, str):
        raise TypeError("a text goes to one number")
    return "txt", f"To: {message.address}\n\n{message.text}\n".encode()

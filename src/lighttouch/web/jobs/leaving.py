"""Whether this process was told to end: long periodic work asks between its steps."""

from threading import Event

LEAVING = Event()

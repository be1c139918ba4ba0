"""Trial files shipped with Lighttouch: the programme's own, to read, to copy and to run."""

from importlib import resources

from lighttouch.core.errors import ProtocolError

_NAMES = (
    "letters",
    "goal_setting",
    "coffee",
    "swing",
    "weekly_messages",
    "gratitude",
    "nine_day",
    "diversity",
)


def library_names() -> tuple[str, ...]:
    """Return the names of the trial files in the library; each is also its trial's identifier.

    Examples
    --------
    >>> library_names()[:3]
    ('letters', 'goal_setting', 'coffee')
    """
    return _NAMES


def library_text(name: str) -> str:
    """Return a trial file of the library as it stands.

    Raises
    ------
    ProtocolError
        If no trial file has that name.

    Examples
    --------
    >>> library_text("letters").startswith("# ")
    True
    """
    if name not in _NAMES:
        raise ProtocolError(
            f"the library has no trial file named {name!r}",
            remedy="Use one of: " + ", ".join(_NAMES),
        )
    return (resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8")

"""Who may open the pages of surveys."""

ACCESS: dict[str, frozenset[str]] = {}

"""Who may open the pages of delivery."""

ACCESS: dict[str, frozenset[str]] = {}

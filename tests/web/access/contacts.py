"""Only a partner's own coordinator puts contacts into the vault; nobody looks inside."""

OWN = frozenset({"coordinator"})

ACCESS = {"contacts:page": OWN, "contacts:template": OWN, "contacts:destroy": OWN}

"""Which database holds what: the vault has its own, everything else the other."""

from django.db.models import Model

VAULT = "contacts"


class VaultRouter:
    """Send the vault's tables, and nothing else, to the vault's database."""

    def db_for_read(self, model: type[Model], **_hints: object) -> str:
        """Name the database a model is read from."""
        return VAULT if model._meta.app_label == VAULT else "default"

    def db_for_write(self, model: type[Model], **hints: object) -> str:
        """Name the database a model is written to."""
        return self.db_for_read(model, **hints)

    def allow_relation(self, one: Model, other: Model, **_hints: object) -> bool:
        """Let no relation cross from the vault to the rest."""
        # the class behind a lazy object, as the user of a request is one
        return self.db_for_read(one.__class__) == self.db_for_read(other.__class__)

    def allow_migrate(self, db: str, app_label: str, **_hints: object) -> bool:
        """Make each table in its own database only."""
        return (db == VAULT) == (app_label == VAULT)

"""E-mail to people with accounts, through an outbox."""

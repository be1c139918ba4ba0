"""People with accounts, their roles, and the one place that says who may do what."""

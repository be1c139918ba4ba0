"""The archive out of the database and into it, and the report made from it."""

"""Files kept in the database, so that every process is stateless and a backup is whole."""

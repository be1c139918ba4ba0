"""Pages of this stage, thin: they ask queries and call actions."""

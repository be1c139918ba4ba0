"""Where everything stands, and what to do next."""

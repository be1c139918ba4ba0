"""Settings, addresses and the commands that run the platform."""

"""The trial file: its shape, reading, checking, comparing and registering."""

"""Pages that write, compare, review, register and publish a protocol."""

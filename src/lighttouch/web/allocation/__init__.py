"""The draw as two people make it, and who may know of it."""

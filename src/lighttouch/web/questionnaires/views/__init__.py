"""The pages of the builder."""

"""Delivery: what goes to whom and when, once, with its state always known."""

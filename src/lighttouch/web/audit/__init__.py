"""Append-only, hash-chained events, written in the transaction of the act."""

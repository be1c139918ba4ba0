"""Pages of meetings: for whoever holds one, and for those who are there."""

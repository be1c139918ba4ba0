"""The survey as staff meet it, and as those who run it do."""

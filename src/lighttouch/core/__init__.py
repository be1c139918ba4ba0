"""The pure half: files in, files out; no web framework, network, clock or environment."""

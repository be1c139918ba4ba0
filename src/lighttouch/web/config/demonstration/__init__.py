"""A simulated programme, loaded through the same actions as a real one."""

"""Effects, variances that honour the design, and randomisation inference."""

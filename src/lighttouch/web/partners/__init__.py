"""The call, expressions of interest, shortlisting, matching, agreements."""

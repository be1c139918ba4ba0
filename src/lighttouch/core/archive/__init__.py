"""Write, read, verify and assemble the folder that holds a trial."""

"""From the archive to results, tables, figures and documents."""

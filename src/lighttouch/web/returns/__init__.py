"""Partners' returns: template, upload, findings, sign-off, reminders."""

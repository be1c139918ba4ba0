"""Long work in the background: progress, leases, retries."""

"""Trial files: drafting, review, approval, registration, amendment."""

"""The vault: names and contact details, sealed with a key per partner."""

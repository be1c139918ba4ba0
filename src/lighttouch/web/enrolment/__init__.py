"""Who is in the trial: roster, exclusions, events afterwards, flow."""

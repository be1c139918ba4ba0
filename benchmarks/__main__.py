"""Measure everything and write ``docs/benchmarks.md``.

With names, such as ``python -m benchmarks outbox surveys``, measure those again and leave the other
lines of the page as they are.
"""

import platform
import sys
from pathlib import Path

from benchmarks import (
    bench_help,
    bench_outbox,
    bench_overview,
    bench_report,
    bench_returns,
    bench_surveys,
    bench_upload,
)
from benchmarks.measuring import Line

BENCHES = {
    "help": bench_help,
    "returns": bench_returns,
    "report": bench_report,
    "overview": bench_overview,
    "upload": bench_upload,
    "outbox": bench_outbox,
    "surveys": bench_surveys,
}
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. Each line was measured in one run, the two sides in turn after a warm-up;
times are medians (with the range) and the ratio is the median of the ratios run by run. Machines
differ; the ratios are what to compare.

"""

NOTES = """
Of the time for an .xlsx return about three quarters is the reader itself; looking for bombs,
formulas and errors takes a tenth, every check another tenth. Returns are read in processes of
their own with imports not timed; the report and the help page are whole processes. The upload
goes through a real web server and PostgreSQL, whose processes have been up for a while.

A survey is gone through by a browser of its own for each person: link, consent, questions, answers,
thanks, following whatever it is sent on to. Each server has the same kind of database. oTree asks
the same questions on one page, from its production server, whose web pages come from one process;
it is not asked for consent. The bare handler does less than we do in its transaction: it checks the
same answers and keeps them item by item, without consent, devices, a lock or a log. PostgreSQL runs
without waiting for the disk, as in the tests; SQLite with its write-ahead log. Everybody who got to
the thanks was looked up afterwards: every answer was there, as it was sent, and the log was whole.
Rates are people a second.

One worker sends as fast as GOV.UK Notify lets one key: 3,000 in any minute. To stay under that
whatever a message's way takes it holds 2,974.
"""


def write_page(lines: list[Line]) -> None:
    """Write the page of what was measured."""
    version = f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}"
    table = ["| What | Lighttouch | Beside it | Ratio | Bar | Met |", "|---|---|---|---|---|---|"]
    table += [
        f"| {x.what} | {x.ours} | {x.peer} | {x.ratio} | {x.bar} | {'yes' if x.met else '**no**'} |"
        for x in lines
    ]
    PAGE.write_text(
        HEAD + "\n".join(table) + f"\n{NOTES}\n{version}, two cores.\n", encoding="utf-8"
    )


def read_page() -> list[Line]:
    """Read back what was measured before."""
    rows = [row for row in PAGE.read_text(encoding="utf-8").splitlines() if row.startswith("| ")]
    cells = [row.strip("| ").split(" | ") for row in rows[1:]]
    return [Line(a, b, c, d, e, met == "yes") for a, b, c, d, e, met in cells]


def main() -> None:
    """Run each benchmark that is asked for, say how it went, and write the page."""
    asked = sys.argv[1:] or list(BENCHES)
    fresh: dict[tuple[str, str], Line] = {}
    for name in asked:
        for line in BENCHES[name].measure():
            print(f"{'met ' if line.met else 'MISS'} {line.what}: {line.ratio} ({line.bar})")
            fresh[line.what, line.bar] = line
    known = read_page() if sys.argv[1:] else []
    lines = [fresh.pop((line.what, line.bar), line) for line in known]
    lines += fresh.values()
    write_page(lines)
    sys.exit(0 if all(line.met for line in lines) else 1)


if __name__ == "__main__":
    main()

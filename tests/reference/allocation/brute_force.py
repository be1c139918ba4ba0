"""List every outcome of the block draw by brute force, to check the fast enumeration against.

Written from the description in docs/methods/allocation.md without the package: every order of
blocks, of cells within blocks and of arms, and every start of the sequence, each counted once, in
exact fractions. Run it to write brute_force.csv again:

    python tests/reference/allocation/brute_force.py
"""

import csv
from collections import Counter
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path

# name: cell sizes by block, whole-number shares of the arms
DESIGNS = {
    "one_odd_cell": ([[3]], [1, 1]),
    "leftovers_in_two_blocks": ([[3, 3], [3]], [1, 1]),
    "many_single_units": ([[1, 1, 1, 1], [1, 1]], [1, 1]),
    "two_to_one": ([[2, 1], [4]], [2, 1]),
    "thirty_seventy": ([[3, 2], [2]], [3, 7]),
    "three_equal_arms": ([[2, 1], [1]], [1, 1, 1]),
    "three_arms_uneven_blocks": ([[2, 2], [3], [1]], [1, 1, 1]),
}


def arm_sequence(weights: list[int]) -> list[int]:
    """One turn of the evenly spread sequence of arms."""
    if len(weights) > 2:
        return list(range(len(weights)))
    total, second = sum(weights), weights[1]
    return [int((x + 1) * second // total > x * second // total) for x in range(total)]


def list_outcomes(blocks: list[list[int]], weights: list[int]) -> dict[tuple[int, ...], Fraction]:
    """Chance of each table of counts: cells in file order, arms within cells, run together."""
    sequence = arm_sequence(weights)
    names = range(len(weights))
    relabellings = list(permutations(names)) if len(weights) > 2 else [tuple(names)]
    cells = [(b, c) for b, sizes in enumerate(blocks) for c in range(len(sizes))]
    orders = [
        [(b, c) for b, inner in zip(order, inners, strict=True) for c in inner]
        for order in permutations(range(len(blocks)))
        for inners in product(*(permutations(range(len(blocks[b]))) for b in order))
    ]
    seen: Counter[tuple[int, ...]] = Counter()
    for order, start, relabelled in product(orders, range(len(sequence)), relabellings):
        at, got = start, {}
        for b, c in order:
            run = [relabelled[sequence[(at + i) % len(sequence)]] for i in range(blocks[b][c])]
            got[b, c] = tuple(run.count(arm) for arm in names)
            at += blocks[b][c]
        seen[tuple(number for cell in cells for number in got[cell])] += 1
    return {counts: Fraction(times, seen.total()) for counts, times in seen.items()}


def main() -> None:
    """Write brute_force.csv beside this file."""
    path = Path(__file__).with_suffix(".csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["design", "counts", "chance"])
        for name, (blocks, weights) in DESIGNS.items():
            for counts, chance in sorted(list_outcomes(blocks, weights).items()):
                out.writerow([name, " ".join(map(str, counts)), chance])


if __name__ == "__main__":
    main()

"""Simulate the data of the reference cases; run once, its output is committed.

Usage: python make_cases.py (writes people.csv and clusters.csv beside itself).
"""

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def make_people(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Seventy-two people in three blocks and three arms, with unequal variances."""
    n = 72
    arm = np.tile([0, 1, 2], n // 3)
    x, z = rng.normal(size=n), rng.gamma(2.0, 1.0, n)
    y = 2 + x + 0.5 * (arm == 1) + (1 + z) * rng.normal(size=n)
    return {
        "y": y,
        "arm": arm,
        "x": x,
        "z": z,
        "block": np.repeat([1, 2, 3], n // 3),
        "weight": rng.uniform(0.5, 3.0, n),
    }


def make_clusters(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Thirteen buildings in four strata, the last with one building, of very unequal size."""
    sizes = np.array([5, 9, 20, 31, 12, 8, 40, 25, 3, 18, 22, 1, 30])
    building = np.repeat(np.arange(13), sizes)
    n = len(building)
    treated = np.array([0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1])[building]
    stratum = np.array([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4])[building]
    x = rng.normal(size=n)
    y = x + 0.3 * treated + rng.normal(size=13)[building] + rng.normal(size=n)
    return {
        "y": y,
        "treated": treated,
        "x": x,
        "building": building,
        "stratum": stratum,
        "weight": rng.uniform(0.5, 3.0, n),
        "inverse_size": 1 / sizes[building],
    }


def write(name: str, columns: dict[str, np.ndarray]) -> None:
    """Write columns with every digit."""
    with (HERE / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))


if __name__ == "__main__":
    generator = np.random.default_rng(20260101)
    write("people.csv", make_people(generator))
    write("clusters.csv", make_clusters(generator))

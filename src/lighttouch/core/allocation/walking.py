"""Rounding for three or more arms of unequal share: walk round cycles of fractions.

Fractions owed to arms flow from cells, through arm-in-block and arm nodes, into one sink. Every
node's total is whole, so the edges that still carry a fraction contain a cycle; pushing an amount
round it, up or down with chances that keep the expectation, makes at least one edge whole, for
good. When none is left, every cell, block and overall number is its exact value rounded down or
up. This is the implementation step of Budish, Che, Kojima and Milgrom (2013, American Economic
Review 103, 585-623) for the two hierarchies here. Amounts are whole multiples of one over the sum
of the weights, so nothing is lost to floating point.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from lighttouch.core.allocation.declaring import Design

WALK_LIMIT = 20_000
"""The most states of the walk that are followed when outcomes are listed (a few seconds)."""


@dataclass(frozen=True, slots=True)
class Network:
    """Edges between nodes; the first ``cells x arms`` edges carry what the draw is about.

    ``unit`` is the amount that counts as one whole.
    """

    tails: tuple[int, ...]
    heads: tuple[int, ...]
    touching: tuple[tuple[int, ...], ...]
    amounts: tuple[int, ...]
    unit: int


@dataclass(frozen=True, slots=True)
class Push:
    """A cycle of edges with directions (+1 or -1), and how far it can be pushed up and down."""

    edges: tuple[tuple[int, int], ...]
    up: int
    down: int


def draw_walked_counts(
    design: Design, rng: np.random.Generator, draws: int
) -> npt.NDArray[np.int64]:
    """Draw the number of units of each cell for each arm; shape (draws, cells, arms)."""
    network = build_network(design)
    shape = (len(design.layout), len(design.arms))
    drawn = np.empty((draws, *shape), dtype=np.int64)
    for draw in range(draws):
        amounts = list(network.amounts)
        while (push := find_push(network, amounts)) is not None:
            goes_up = int(rng.integers(push.up + push.down)) < push.down
            _apply(push, amounts, push.up if goes_up else -push.down)
        drawn[draw] = np.reshape(amounts[: shape[0] * shape[1]], shape) // network.unit
    return drawn


def list_walked_counts(
    design: Design, most: int
) -> dict[tuple[tuple[int, ...], ...], Fraction] | None:
    """List every outcome of the walk with its exact probability.

    States are followed in order of how many edges are whole, which every push raises, so that
    each is followed once. ``None`` if there are more than ``most`` of them.
    """
    network = build_network(design)
    levels: list[dict[tuple[int, ...], Fraction]] = [{} for _ in range(len(network.amounts) + 1)]
    levels[_count_whole(network, network.amounts)][network.amounts] = Fraction(1)
    followed = 0
    for level in levels[:-1]:
        followed += len(level)
        if followed > most:
            return None
        for state, chance in level.items():
            for after, share in _list_steps(network, state):
                further = levels[_count_whole(network, after)]
                further[after] = further.get(after, Fraction(0)) + chance * share
    return {
        _whole_counts(network, state, len(design.layout), len(design.arms)): chance
        for state, chance in levels[-1].items()
    }


def _count_whole(network: Network, amounts: tuple[int, ...]) -> int:
    return sum(amount % network.unit == 0 for amount in amounts)


def _list_steps(
    network: Network, state: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Yield both ways the next push can go, with their chances."""
    push = find_push(network, list(state))
    assert push is not None
    for by, share in ((push.up, push.down), (-push.down, push.up)):
        after = list(state)
        _apply(push, after, by)
        yield tuple(after), Fraction(share, push.up + push.down)


def _whole_counts(
    network: Network, state: tuple[int, ...], cells: int, arms: int
) -> tuple[tuple[int, ...], ...]:
    whole = [amount // network.unit for amount in state[: cells * arms]]
    return tuple(tuple(whole[at : at + arms]) for at in range(0, len(whole), arms))


def build_network(design: Design) -> Network:
    """Lay out the edges: cell to arm in block, arm in block to arm, arm to sink."""
    names = sorted({cell.block for cell in design.layout})
    cells, blocks, arms = len(design.layout), len(names), len(design.arms)
    ends: list[tuple[int, int]] = []
    amounts: list[int] = []
    in_block = [[0] * arms for _ in names]
    for place, cell in enumerate(design.layout):
        block = names.index(cell.block)
        for arm, weight in enumerate(design.weights):
            ends.append((place, cells + block * arms + arm))
            amounts.append(cell.size * weight)
            in_block[block][arm] += cell.size * weight
    first_arm = cells + blocks * arms
    for block in range(blocks):
        ends += [(cells + block * arms + arm, first_arm + arm) for arm in range(arms)]
        amounts += in_block[block]
    ends += [(first_arm + arm, first_arm + arms) for arm in range(arms)]
    amounts += [len(design.units) * weight for weight in design.weights]
    touching: list[list[int]] = [[] for _ in range(first_arm + arms + 1)]
    for edge, (tail, head) in enumerate(ends):
        touching[tail].append(edge)
        touching[head].append(edge)
    tails, heads = zip(*ends, strict=True)
    return Network(tails, heads, tuple(map(tuple, touching)), tuple(amounts), sum(design.weights))


def find_push(network: Network, amounts: list[int]) -> Push | None:
    """Find the first cycle of edges that carry a fraction; ``None`` when all are whole."""
    unit = network.unit
    edge = next((e for e, amount in enumerate(amounts) if amount % unit), None)
    if edge is None:
        return None
    node = network.tails[edge]
    seen: dict[int, int] = {node: 0}
    path: list[tuple[int, int]] = []
    while True:
        forward = network.tails[edge] == node
        node = network.heads[edge] if forward else network.tails[edge]
        path.append((edge, 1 if forward else -1))
        if node in seen:
            break
        seen[node] = len(path)
        edge = next(e for e in network.touching[node] if e != edge and amounts[e] % unit)
    cycle = tuple(path[seen[node] :])
    room = [(amounts[e] % unit, way) for e, way in cycle]
    up = min(unit - part if way > 0 else part for part, way in room)
    down = min(part if way > 0 else unit - part for part, way in room)
    return Push(cycle, up, down)


def _apply(push: Push, amounts: list[int], by: int) -> None:
    for edge, way in push.edges:
        amounts[edge] += way * by

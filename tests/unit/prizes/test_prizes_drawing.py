"""The draw of prizes: by hand, uniform, replayed from what is kept, whatever the order."""

import hashlib
import hmac
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from lighttouch.core.errors import InputError
from lighttouch.core.prizes.drawing import (
    Winner,
    draw_winners,
    entries_bytes,
    entries_sha256,
    read_entries,
)

SECRET, PROTOCOL = bytes(range(32)), "c" * 64
ENTRIES = [f"dudley/T{number:03d}" for number in range(1, 13)]
DRAWS = 6000
UNLIKELY = 0.001
"""With the secrets fixed the test is deterministic; this says how odd a fair draw may look."""


def secret_of(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def test_winners_by_hand() -> None:
    lines = "entry\n" + "".join(f"{one}\n" for one in ENTRIES)
    digest = hashlib.sha256(lines.encode()).hexdigest()
    message = f"lighttouch-prizes-1\n{digest}\n{PROTOCOL}".encode()
    seed = int.from_bytes(hmac.new(SECRET, message, hashlib.sha256).digest(), "big")
    order = np.random.Generator(np.random.PCG64DXSM(seed)).permutation(12)
    by_hand = tuple(Winner(int(at) + 1, ENTRIES[at]) for at in order[:3])
    assert draw_winners(ENTRIES, 3, secret=SECRET, protocol_sha256=PROTOCOL) == by_hand


def test_golden_draw() -> None:
    winners = draw_winners(ENTRIES, 3, secret=SECRET, protocol_sha256=PROTOCOL)
    assert [one.place for one in winners] == [2, 4, 9]


@pytest.mark.parametrize("prize", [0, 1, 2])
def test_every_entry_has_the_same_chance_of_every_prize(prize: int) -> None:
    drawn = Counter(
        draw_winners(ENTRIES, 3, secret=secret_of(n), protocol_sha256=PROTOCOL)[prize].entry
        for n in range(DRAWS)
    )
    assert chisquare([drawn[one] for one in ENTRIES]).pvalue > UNLIKELY


@given(st.randoms(use_true_random=False))
def test_order_of_entries_does_not_matter(chance: random.Random) -> None:
    mixed = [*ENTRIES, ENTRIES[0]]
    chance.shuffle(mixed)
    assert entries_sha256(mixed) == entries_sha256(ENTRIES)
    assert draw_winners(mixed, 3, secret=SECRET, protocol_sha256=PROTOCOL) == draw_winners(
        ENTRIES, 3, secret=SECRET, protocol_sha256=PROTOCOL
    )


def test_another_entry_secret_or_protocol_draws_otherwise() -> None:
    draws = [
        draw_winners(ENTRIES, 12, secret=SECRET, protocol_sha256=PROTOCOL),
        draw_winners(ENTRIES, 12, secret=secret_of(1), protocol_sha256=PROTOCOL),
        draw_winners(ENTRIES, 12, secret=SECRET, protocol_sha256="d" * 64),
        draw_winners([*ENTRIES[:-1], "west/T1"], 12, secret=SECRET, protocol_sha256=PROTOCOL),
    ]
    assert len({tuple(one.place for one in draw) for draw in draws}) == 4


def test_nobody_wins_twice_and_all_win_where_there_are_prizes_enough() -> None:
    winners = draw_winners(ENTRIES, 50, secret=SECRET, protocol_sha256=PROTOCOL)
    assert sorted(one.entry for one in winners) == ENTRIES
    assert all(ENTRIES[one.place - 1] == one.entry for one in winners)
    assert draw_winners([], 1, secret=SECRET, protocol_sha256=PROTOCOL) == ()


def test_list_of_entries_comes_back_as_it_was_written() -> None:
    assert read_entries(entries_bytes(ENTRIES)) == tuple(ENTRIES)


@pytest.mark.parametrize(
    "content", [b"", b"entry\nb\na\n", b"entry\na", b"entry\na\n\n", b"x\na\n"]
)
def test_list_that_the_draw_did_not_write_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"as the draw wrote it|line of its own"):
        read_entries(content)


@pytest.mark.parametrize("entry", ["", " a", "a,b", 'a"', "a\nb"])
def test_entry_that_breaks_the_list_is_refused(entry: str) -> None:
    with pytest.raises(InputError, match="line of its own"):
        entries_bytes([entry])

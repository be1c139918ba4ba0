"""Named random streams."""

from hypothesis import given
from hypothesis import strategies as st

from lighttouch.core.simulation.streams import Streams


@given(st.integers(0, 2**63), st.text("abc/", min_size=1, max_size=8))
def test_stream_of_a_purpose_is_the_same_however_often_it_is_opened(seed: int, name: str) -> None:
    first, second = Streams(seed).open(name), Streams(seed).open(name)
    assert first.random(3).tolist() == second.random(3).tolist()


def test_stream_differs_by_purpose_and_by_seed() -> None:
    drawn = [
        Streams(seed).open(*purpose).random()
        for seed in (0, 1, 2)
        for purpose in (("a",), ("b",), ("a", "b"), ("ab",))
    ]
    assert len(set(drawn)) == len(drawn)


PINNED = [30, 705, 296, 793, 229]


def test_stream_is_pinned() -> None:
    """A release that changes this changes every simulated archive, and must say so."""
    drawn = Streams(1).open("workforce", "north").integers(0, 1000, 5)
    assert drawn.tolist() == PINNED

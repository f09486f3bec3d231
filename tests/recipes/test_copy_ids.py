from hypothesis import given
from hypothesis import strategies as st

from heterophony.recipes.copy_ids import copy_id, parents_of

NAMES = st.text(st.sampled_from("ab~%27E/.#é"), min_size=1, max_size=12)


@given(clip=NAMES, other=NAMES, number=st.integers(0, 99))
def test_the_name_tells_all_that_went_in_whatever_the_ids_are(clip: str, other: str, number: int) -> None:
    assert parents_of(copy_id(clip, "pitch-shift", number)) == (clip,)
    assert parents_of(copy_id(clip, "same-class-mix", number, other)) == (clip, other)


@given(one=st.tuples(NAMES, st.integers(0, 9), NAMES | st.none()), two=st.tuples(NAMES, st.integers(0, 9), NAMES))
def test_different_copies_have_different_names(one: tuple[str, int, str | None], two: tuple[str, int, str]) -> None:
    same = copy_id(one[0], "x", one[1], one[2]) == copy_id(two[0], "x", two[1], two[2])
    assert same == (one == two)


def test_other_names_have_no_parents() -> None:
    assert parents_of("a~b") == ()
    assert parents_of("a~b~c") == ()
    assert parents_of("1-100-A.wav") == ()

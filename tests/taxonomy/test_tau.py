from heterophony.taxonomy import TAU


def test_ten_scenes_in_alphabetical_order_under_three_kinds_of_place() -> None:
    assert TAU.classes == tuple(sorted(TAU.classes))
    assert TAU.n_classes == 10
    assert [TAU.top(key) for key in ("airport", "metro_station", "metro", "tram", "park", "street_traffic")] == [
        "indoor", "indoor", "transportation", "transportation", "outdoor", "outdoor",
    ]  # fmt: skip

import torch

from heterophony.batches import Batch, stacked


def table() -> Batch:
    return Batch(
        inputs={"sound": torch.arange(8.0).reshape(4, 2), "words": torch.arange(12.0).reshape(4, 3)},
        present=torch.tensor([[True, True], [True, False], [False, True], [True, True]]),
        target=torch.eye(4),
        weight=torch.tensor([1.0, 2.0, 3.0, 4.0]),
    )


def test_rows_are_taken_in_the_order_of_the_index_from_every_part():
    taken = table().take(torch.tensor([2, 0, 2]))
    assert len(taken) == 3
    assert taken.modalities == ("sound", "words")
    assert taken.inputs["sound"].tolist() == [[4, 5], [0, 1], [4, 5]]
    assert taken.inputs["words"].tolist() == [[6, 7, 8], [0, 1, 2], [6, 7, 8]]
    assert taken.present.tolist() == [[False, True], [True, True], [False, True]]
    assert taken.target.argmax(dim=1).tolist() == [2, 0, 2]
    assert taken.weight.tolist() == [3, 1, 3]


def test_what_is_taken_is_a_copy():
    whole = table()
    taken = whole.take(torch.arange(4))
    taken.inputs["sound"].zero_()
    taken.weight.zero_()
    assert whole.inputs["sound"].sum() == 28
    assert whole.weight.sum() == 10


def test_no_rows_can_be_taken():
    assert len(table().take(torch.arange(0))) == 0


def test_moving_to_a_device_keeps_the_values():
    moved = table().to(torch.device("cpu"))
    assert moved.modalities == ("sound", "words")
    assert torch.equal(moved.present, table().present)
    assert torch.equal(moved.inputs["words"], table().inputs["words"])


def test_batches_are_stacked_in_their_order():
    whole = table()
    parts = [whole.take(torch.tensor(rows)) for rows in ([0], [1, 2], [3])]
    again = stacked(parts)
    assert again.modalities == whole.modalities
    assert all(torch.equal(again.inputs[name], whole.inputs[name]) for name in whole.inputs)
    assert torch.equal(again.present, whole.present)
    assert torch.equal(again.target, whole.target)
    assert torch.equal(again.weight, whole.weight)

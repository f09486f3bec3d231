"""Parameters of the fusion modules as Table 3 of multimodal graph fusion counts them (it truncates), and their time."""

import pytest

from heterophony.errors import ConfigError
from heterophony.recipes.complexity import Size, size_of, task_of, time_of
from heterophony.recipes.load import as_recipe, load_recipe

PAPER = {"sound": 128, "pictures": 64}


@pytest.mark.parametrize(
    ("name", "size", "thousands"),
    [
        ("graph/table2/mean", Size(86_154, 0), 86),
        ("graph/table2/dm", Size(86_158, 4), 86),
        ("graph/table2/dm-paper-theta-lr", Size(86_158, 4), 86),
        ("graph/table2/at", Size(182_795, 0), 182),
        ("graph/table1/audio", Size(35_594, 0), 35),
        ("graph/table1/visual", Size(27_402, 0), 27),
    ],
)
def test_parameters_are_those_of_the_paper(name: str, size: Size, thousands: int) -> None:
    found = size_of(task_of(load_recipe(name), PAPER, 10))
    assert found == size
    assert found.parameters // 1000 == thousands


def test_a_tree_decides_the_classes_where_a_recipe_names_one() -> None:
    sizes = {"sound": 512, "words": 512}
    ten, five = (size_of(task_of(load_recipe("bst/hatr"), sizes, classes)) for classes in (10, 5))
    assert ten == five
    assert ten.theta == 0


def test_sizes_that_lack_a_modality_or_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"how large are the vectors of pictures\? Add to --dims"):
        task_of(load_recipe("graph/table2/dm"), {"sound": 128}, 10)
    with pytest.raises(ConfigError, match="2 or more classes"):
        task_of(load_recipe("graph/table2/dm"), PAPER, 1)
    for name in ("esc50/finetune-mn04", "joint/fusion"):
        task = task_of(load_recipe(name), {"sound": 4, "words": 4, "pictures": 4}, 2)
        with pytest.raises(ConfigError, match="no fine-tuning, no encoders"):
            time_of(task, 10, 10)


@pytest.mark.parametrize("protocol", ["inductive", "transductive"])
def test_time_adds_up(protocol: str) -> None:
    raw = {
        "name": "t",
        "modalities": {"sound": {"encoder": "yamnet"}, "words": {"encoder": "minilm"}},
        "model": {"name": "dm-gcn", "k": 3, "protocol": protocol},
        "augment": [],
        "fit": {"epochs": 50},
    }
    took = time_of(task_of(as_recipe(raw), {"sound": 4, "words": 3}, 2), 20, 10)
    assert took.epoch > 0
    assert took.start >= 0
    assert took.whole == pytest.approx(took.start + 50 * took.epoch)

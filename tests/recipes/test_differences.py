"""In which keys recipes differ, and that what is only said of them does not count."""

from heterophony.recipes.differences import ABSENT, differences
from heterophony.recipes.load import as_recipe, load_any

RAW = {"name": "a", "modalities": {"sound": {"encoder": "yamnet"}}}


def test_a_recipe_differs_from_itself_in_nothing() -> None:
    recipe = load_any("bst/table4/combined")
    assert differences(recipe, recipe) == []


def test_names_and_published_numbers_do_not_count() -> None:
    said = {"name": "b", "about": "B.", "notes": "n", "baseline": "c", "published": {"paper": [1.0, 0.1]}}
    assert differences(as_recipe(RAW), as_recipe(RAW | said)) == []


def test_changed_added_and_taken_away_keys_are_told_by_their_path() -> None:
    other = as_recipe(
        RAW
        | {
            "modalities": {"words": {"encoder": "minilm"}},
            "fit": {"epochs": 7},
            "augment": [{"name": "noise", "sigma": 0.5}],
            "extra": {"more": {"weight": 0.3}},
        }
    )
    found = differences(as_recipe(RAW), other)
    assert {key: (mine, theirs) for key, mine, theirs in found} == {
        "modalities.sound.encoder": ('"yamnet"', ABSENT),
        "modalities.sound.features": ('""', ABSENT),
        "modalities.words.encoder": (ABSENT, '"minilm"'),
        "modalities.words.features": (ABSENT, '""'),
        "fit.epochs": ("100", "7"),
        "augment": (
            '[{"name": "noise", "sigma": 0.0001}, {"name": "masking", "max_fraction": 0.7}]',
            '[{"name": "noise", "sigma": 0.5}]',
        ),
        "extra.more.labels": (ABSENT, '""'),
        "extra.more.classes": (ABSENT, "[]"),
        "extra.more.words": (ABSENT, "null"),
        "extra.more.equalise": (ABSENT, "null"),
        "extra.more.factor": (ABSENT, "1.0"),
        "extra.more.weight": (ABSENT, "0.3"),
        "extra.more.copies": (ABSENT, "false"),
    }


def test_an_ensemble_can_be_compared_with_another() -> None:
    (pair,) = differences(load_any("bst/table6/rank-1"), load_any("bst/table6/rank-2"))
    assert pair[0] == "ensemble"

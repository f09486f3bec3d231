"""The maps to the Broad Sound Taxonomy: the published counts of every class, and every label of both data sets."""

from collections import Counter

import pytest

from heterophony.clips.label_map import read_label_map, refuse_unknown_label
from heterophony.errors import InputError

# audio_text.md 4.8
PUBLISHED = {
    "ESC-50": "fx-a 11, fx-h 10, ss-n 7, fx-o 7, fx-m 6, fx-v 4, fx-n 2, ss-u 1, is-p 1, fx-el 1",
    "FSD50K": (
        "fx-o 35, fx-h 23, fx-a 19, fx-n 16, is-p 16, fx-m 14, fx-v 14, ss-n 8, is-s 8, fx-el 6, is-w 5, sp-c 4, "
        "ss-u 4, sp-s 3, is-k 3, ss-i 1, sp-p 1"
    ),
}
UNMAPPED = (
    "Animal, Bell, Bicycle_bell, Chime, Church_bell, Female_singing, Human_voice, Liquid, Male_singing, Music, "
    "Musical_instrument, Race_car_and_auto_racing, Screech, Singing, Speech, Subway_and_metro_and_underground, "
    "Vehicle, Water, Whispering, Wind_chime"
)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_class_has_as_many_labels_as_published(name):
    counts = Counter(key for key in read_label_map(name).values() if key)
    assert {f"{key} {count}" for key, count in counts.items()} == set(PUBLISHED[name].split(", "))
    assert sum(counts.values()) == {"ESC-50": 50, "FSD50K": 180}[name]


def test_the_labels_without_class_are_the_published_ones():
    assert ", ".join(label for label, key in read_label_map("FSD50K").items() if key is None) == UNMAPPED
    assert all(read_label_map("ESC-50").values())


def test_the_maps_name_all_labels_in_the_order_of_the_data_sets():
    esc, fsd = list(read_label_map("ESC-50")), list(read_label_map("FSD50K"))
    assert (len(esc), len(fsd)) == (50, 200)
    assert [esc.index(label) for label in ("dog", "rain", "crying_baby", "door_wood_knock", "helicopter")] == [
        *(0, 10, 20, 30, 40)
    ]
    # Positions of vocabulary.csv, as the published readers of FSD50K quote it.
    assert [fsd.index(label) for label in ("Crushing", "Electric_guitar", "Rattle_(instrument)", "Tick-tock")] == [
        *(53, 69, 138, 174)
    ]


def test_clear_labels_agree_between_the_two_maps():
    esc, fsd = read_label_map("ESC-50"), read_label_map("FSD50K")
    pairs = {"dog": "Dog", "rain": "Rain", "sneezing": "Sneeze", "engine": "Engine", "train": "Train", "siren": "Siren"}
    pairs |= {"fireworks": "Fireworks", "toilet_flush": "Toilet_flush", "crickets": "Cricket", "clock_tick": "Clock"}
    assert {one: esc[one] for one in pairs} == {one: fsd[other] for one, other in pairs.items()}


def test_an_unknown_map_and_an_unknown_label_are_refused():
    with pytest.raises(InputError, match=r"no map of labels is called 'ESC50'; there are ESC-50, FSD50K"):
        read_label_map("ESC50")
    with pytest.raises(InputError, match=r"clip 7: label 'Dogs' is none of the 200 known ones; did you mean 'Dog'\?"):
        refuse_unknown_label("Dogs", read_label_map("FSD50K"), "clip 7")

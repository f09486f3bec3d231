"""The ten urban scenes of the TAU data sets under the three kinds of place the challenge groups them by.

Source: TAU Urban Audio-Visual Scenes 2021 (Wang, Mesaros, Heittola, Virtanen, ICASSP 2021); class order is the
alphabetical one of its official code, the grouping that of DCASE 2020 task 1B (indoor, outdoor, transportation).
"""

from heterophony.taxonomy.tree import Taxonomy

_SCENES = {
    "airport": ("indoor", "airport"),
    "bus": ("transportation", "bus"),
    "metro": ("transportation", "metro"),
    "metro_station": ("indoor", "metro station"),
    "park": ("outdoor", "park"),
    "public_square": ("outdoor", "public square"),
    "shopping_mall": ("indoor", "shopping mall"),
    "street_pedestrian": ("outdoor", "pedestrian street"),
    "street_traffic": ("outdoor", "street with traffic"),
    "tram": ("transportation", "tram"),
}
_TOPS = {"indoor": "Indoor", "outdoor": "Outdoor", "transportation": "Transportation"}

TAU = Taxonomy(
    name="tau",
    classes=tuple(_SCENES),
    tops=tuple(_TOPS),
    top_of=tuple(list(_TOPS).index(top) for top, _ in _SCENES.values()),
    names=_TOPS | {key: name for key, (_, name) in _SCENES.items()},
)
"""Ten scenes under three tops; `tau.classes` is alphabetical."""

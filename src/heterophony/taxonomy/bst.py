"""The Broad Sound Taxonomy: 23 classes under five tops, in the order of the BSD10k data set.

Source: P. Anastasopoulou, J. Torrey, X. Serra, F. Font, "Heterogeneous sound classification with the Broad Sound
Taxonomy and dataset", DCASE 2024. Keys, names, definitions and examples are those of the `BST_description.csv` that
comes with BSD10k (Music Technology Group, Universitat Pompeu Fabra), licensed CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/); changed here: spelling, names shortened to one level, definition and
examples joined. The classes "other" of each top carry no training label and are left out.
"""

from heterophony.taxonomy.tree import Taxonomy

_TOPS: dict[str, tuple[str, str]] = {
    "m": ("Music", "Music excerpts, melodies, loops, fillers, drones and short musical snippets."),
    "is": ("Instrument samples", "Single notes from musical instruments, versions of the same note, and scales."),
    "sp": ("Speech", "Sounds where human voice is prominent."),
    "fx": ("Sound effects", "Isolated sound effects or sound events, each happening one at a time."),
    "ss": ("Soundscapes", "Ambiances, field recordings with multiple events and sound environments."),
}

_CLASSES: dict[str, tuple[str, str, str]] = {
    "m-sp": (
        "solo percussion",
        "Music excerpts with solo percussive instruments.",
        "rhythmic patterns, unpitched percussion excerpts, drum passages",
    ),
    "m-si": (
        "solo instrument",
        "Music excerpts with only one instrument, excluding percussion.",
        "isolated melody or sequence of notes, solo singing, chords from one instrument",
    ),
    "m-m": (
        "multiple instruments",
        "Music excerpts with more than one instrument.",
        "orchestra, band, duet, multi-instrument composition",
    ),
    "is-p": (
        "percussion",
        "Instrument samples that are percussive (idiophones or membranophones).",
        "drum, snare, gong, bell, xylophone",
    ),
    "is-s": (
        "string",
        "Instrument samples that belong to the string instrument family.",
        "guitar, violin, harp, mandolin",
    ),
    "is-w": (
        "wind",
        "Instrument samples that belong to the wind instrument family (aerophones).",
        "woodwind, brass, flute, trumpet, saxophone",
    ),
    "is-k": (
        "piano, keyboard",
        "Instrument samples of piano or other keyboard instruments, not synthesized.",
        "piano, harpsichord, organ",
    ),
    "is-e": (
        "synths, electronic",
        "Instrument samples synthesized or produced by electronic means.",
        "synthesizers (analog/digital), synthesized or electronic samples",
    ),
    "sp-s": (
        "solo speech",
        "Recording of a single voice speaking, excluding singing.",
        "talking, script reading",
    ),
    "sp-c": (
        "conversation, crowd",
        "Several people talking, having a conversation or dialogue.",
        "playground, people talking in public places, conversations",
    ),
    "sp-p": (
        "processed, synthetic",
        "Voice(s) from an indirect source (e.g. radio), processed or synthesized.",
        "phone/radio recordings, robotic voice, text-to-speech",
    ),
    "fx-o": (
        "objects, house appliances",
        "Everyday objects, inside the home or smaller in size.",
        "daily or small objects, tools, weapons, clothes, iron",
    ),
    "fx-v": (
        "vehicles",
        "Sounds produced from a vehicle.",
        "car passing by, car screeching, wiper, car brake, bike, plane, ship",
    ),
    "fx-m": (
        "other mechanisms, engines, machines",
        "Machine-like sounds, except vehicles and small house electric devices.",
        "drill, lawn mower, gear, electric chainsaw",
    ),
    "fx-h": (
        "human sounds and actions",
        "Sounds from the human body, excluding speech.",
        "breath, heartbeat, sneeze, crying, walking, clapping",
    ),
    "fx-a": (
        "animals",
        "Animal vocalizations or sounds.",
        "cat, insect, sheep, animal walk, growl, purr",
    ),
    "fx-n": (
        "natural elements and explosions",
        "Sound events occurring by natural processes.",
        "wind, fire, ice, rocks, water, stones, explosions",
    ),
    "fx-ex": (
        "experimental",
        "Experimental sounds or heavily processed audio recordings.",
        "reversed sounds, weird effects, unusual record techniques or processing",
    ),
    "fx-el": (
        "electronic, design",
        "Sound effects that are computer-made or designed for user interfaces or animations.",
        "sci-fi, laser, whoosh, boink, cartoon, ui, sound alerts or notifications",
    ),
    "ss-n": (
        "nature",
        "Soundscapes from natural habitats.",
        "forest, sea, river, farm",
    ),
    "ss-i": (
        "indoors",
        "Soundscapes from closed or indoor spaces.",
        "closed room ambience, room tone, office, factory, bar",
    ),
    "ss-u": (
        "urban",
        "Soundscapes from cityscapes or outdoor places with human intervention.",
        "city ambience, outside airport, busy road",
    ),
    "ss-s": (
        "synthetic, artificial",
        "Soundscapes that are synthesized or computer-made ambiences.",
        "artificially-created soundscapes, soundscapes from imaginary places",
    ),
}

BST = Taxonomy(
    name="bst",
    classes=tuple(_CLASSES),
    tops=tuple(_TOPS),
    top_of=tuple(list(_TOPS).index(key.partition("-")[0]) for key in _CLASSES),
    names={key: entry[0] for key, entry in (_TOPS | _CLASSES).items()},
    definitions={key: definition for key, (_, definition) in _TOPS.items()}
    | {key: f"{definition} For example: {examples}." for key, (_, definition, examples) in _CLASSES.items()},
)
"""23 classes under five tops; the index is the training label."""

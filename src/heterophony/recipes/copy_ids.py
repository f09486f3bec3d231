"""Names of augmented copies, which tell what each was made from."""


def copy_id(clip: str, operation: str, number: int, other: str | None = None) -> str:
    """The id of a copy: `CLIP~OPERATION~NUMBER`, and `~OTHER` where a second recording went into it.

    >>> copy_id("a.wav", "pitch-shift", 0), copy_id("a.wav", "same-class-mix", 1, "b~1.wav")
    ('a.wav~pitch-shift~0', 'a.wav~same-class-mix~1~b%7E1.wav')
    """
    parts = [clip, operation, str(number)] + ([] if other is None else [other])
    return "~".join(part.replace("%", "%25").replace("~", "%7E") for part in parts)


def parents_of(name: str) -> tuple[str, ...]:
    """The ids of the clips that went into a copy; none where the name is not that of a copy.

    >>> parents_of("a.wav~pitch-shift~0"), parents_of("a.wav~same-class-mix~1~b%7E1.wav"), parents_of("a.wav")
    (('a.wav',), ('a.wav', 'b~1.wav'), ())
    """
    clip, *rest = (part.replace("%7E", "~").replace("%25", "%") for part in name.split("~"))
    return (clip, *rest[2:]) if len(rest) in (2, 3) and rest[1].isdigit() else ()

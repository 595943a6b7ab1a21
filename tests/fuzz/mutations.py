"""Damage files: bits, lengths, addresses, pieces, and members of archives under right checksums."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import zipfile
from typing import Any

import numpy as np

# Where structures of HDF5 and zip begin: damage there goes deeper than among the numbers.
SIGNATURES = re.compile(
    b"TREE|SNOD|HEAP|GCOL|OHDR|FRHP|FHDB|FHIB|BTHD|BTLF|BTIN|\x89HDF|PK\x01\x02|PK\x03\x04|PK\x05\x06"
)
HOSTILE_TEXTS = [
    "",
    "..",
    "/",
    "a/../../b",
    "os.system",
    "\0",
    "\ud800",
    "x" * 10_000,
    "한글",
    "__class__",
    "(deep)",
    "(long)",
]
HOSTILE_NUMBERS = [0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 1e308, -0.5, True]


def damage(draw: random.Random, content: bytes) -> bytes:
    """Change a file in one to sixteen places."""
    if content.startswith(b"PK") and draw.random() < 0.75:
        return _damage_member(draw, content)
    if content.startswith(b"\x89HDF") and draw.random() < 0.4:
        return damage_tree(draw, content)
    changed = bytearray(content)
    for _ in range(draw.choice([1, 1, 1, 2, 4, 16])):
        draw.choice(CHANGES)(draw, changed)
    return bytes(changed)


def _place(draw: random.Random, content: bytearray) -> int:
    found = [match.start() for match in SIGNATURES.finditer(content)]
    if found and draw.random() < 0.6:
        return min(len(content), draw.choice(found) + draw.randrange(200))
    return draw.randrange(len(content) + 1)


def _flip(draw: random.Random, content: bytearray) -> None:
    place = _place(draw, content)
    content[place : place + 1] = bytes(
        b ^ 1 << draw.randrange(8) for b in content[place : place + 1]
    )


def _set(draw: random.Random, content: bytearray) -> None:
    place, width = _place(draw, content), draw.choice([1, 2, 4, 8])
    size = len(content)
    top = 1 << 8 * width
    values = [0, 1, top - 1, top // 2, top // 2 - 1, size, size - 1, draw.randrange(top)]
    content[place : place + width] = (draw.choice(values) % top).to_bytes(width, "little")


def _point(draw: random.Random, content: bytearray) -> None:
    """Let what may be an address lead to some structure."""
    place = _place(draw, content) // 8 * 8
    found = [match.start() for match in SIGNATURES.finditer(content)] or [0]
    content[place : place + 8] = draw.choice(found).to_bytes(8, "little")


def _copy(draw: random.Random, content: bytearray) -> None:
    length = draw.choice([8, 16, 64, 512])
    source, place = _place(draw, content), _place(draw, content)
    content[place : place + length] = content[source : source + length]


def _insert(draw: random.Random, content: bytearray) -> None:
    place = _place(draw, content)
    content[place:place] = draw.randbytes(draw.choice([1, 8]))


def _remove(draw: random.Random, content: bytearray) -> None:
    place = _place(draw, content)
    del content[place : place + draw.choice([1, 8, 64])]


def _cut(draw: random.Random, content: bytearray) -> None:
    del content[_place(draw, content) :]


CHANGES = [_flip, _flip, _set, _set, _set, _point, _copy, _insert, _remove, _cut]


def _damage_member(draw: random.Random, content: bytes) -> bytes:
    """Change one member of an archive; its checksum is right, so that its reader sees it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw.choice(sorted(members))
    if name.endswith(".json") and draw.random() < 0.8:
        members[name] = damage_json(draw, members[name])
    elif draw.random() < 0.05:
        del members[name]
    else:
        members[name] = damage(draw, members[name])
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return written.getvalue()


def damage_tree(draw: random.Random, content: bytes) -> bytes:
    """Change what is in an HDF5 file, which stays one: other names, shapes, dtypes, attributes."""
    import h5py

    changed = io.BytesIO(content)
    with h5py.File(changed, "r+") as file:
        places: list[Any] = [file]
        file.visititems(lambda _, found: places.append(found))
        for _ in range(draw.choice([1, 1, 2, 4])):
            place = draw.choice([one for one in places if one.name])  # deleted ones have none
            with contextlib.suppress(ValueError, KeyError, RuntimeError, OSError):  # no room for it
                draw.choice(TREE_CHANGES)(draw, file, place)
    return changed.getvalue()


def _change_attribute(draw: random.Random, file: Any, place: Any) -> None:
    names = sorted(place.attrs) or ["names"]
    name = draw.choice(names)
    value = place.attrs.get(name)
    text = value.encode() if isinstance(value, str) else value
    if isinstance(text, bytes) and text.startswith((b"{", b"[")) and draw.random() < 0.8:
        place.attrs[name] = damage_json(draw, text).decode("utf-8", "replace")
    elif draw.random() < 0.3 and value is not None:
        del place.attrs[name]
    else:
        place.attrs[name] = draw.choice([1, -0.5, "text", "{}", [], ["a", "b"], np.zeros((2, 2))])


def _change_attributes_of_all(draw: random.Random, file: Any, place: Any) -> None:
    _change_attribute(draw, file, file)


def _remove_object(draw: random.Random, file: Any, place: Any) -> None:
    if place.name != "/":
        del file[place.name]


def _replace_object(draw: random.Random, file: Any, place: Any) -> None:
    if place.name == "/":
        return
    name = place.name
    shapes: list[Any] = [(), (0,), (3,), (1, 2, 3), (2,) * 20, (1000, 100)]
    dtypes = ["f4", "f8", "i8", "u1", "?", "S3", "V2", ">f4"]
    del file[name]
    if draw.random() < 0.2:
        file.create_group(name)
    else:
        file.create_dataset(name, data=np.ones(draw.choice(shapes)).astype(draw.choice(dtypes)))


def _rename_object(draw: random.Random, file: Any, place: Any) -> None:
    if place.name != "/":
        file.move(
            place.name, draw.choice(["vars", "layers/x", "0", "한글", place.name + "_1"]) + "/0"
        )


TREE_CHANGES = [
    _change_attribute, _change_attributes_of_all, _remove_object, _replace_object, _rename_object,
]  # fmt: skip


def damage_json(draw: random.Random, text: bytes) -> bytes:
    """Change values and keys of a description, which stays JSON."""
    try:
        described = json.loads(text)
    except ValueError:
        return text
    for _ in range(draw.choice([1, 1, 2, 4])):
        places = [described, *_containers(described)]
        _change_value(draw, draw.choice(places))
    text = json.dumps(described).encode("utf-8", "surrogatepass")
    return text.replace(b'"(deep)"', b"[" * 100_000 + b"]" * 100_000).replace(
        b'"(long)"', b"1" * 9999
    )


def _containers(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [
        one
        for child in inside
        if isinstance(child, (dict, list))
        for one in (child, *_containers(child))
    ]


def _change_value(draw: random.Random, place: Any) -> None:
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    if not keys:
        return
    key = draw.choice(keys)
    kind = draw.randrange(6)
    if kind == 0:
        del place[key]
    elif kind == 1:
        place[key] = draw.choice(HOSTILE_TEXTS)
    elif kind == 2:
        place[key] = draw.choice(HOSTILE_NUMBERS)
    elif kind == 3:
        place[key] = draw.choice([None, [], {}, [None], {"class_name": "Dense"}, [[[[[]]]]]])
    elif kind == 4:
        place[key] = place[draw.choice(keys)]
    else:
        place[key] = [place[key], place[key]]

"""The local tools that compute: work that the runtime does itself, with results that anybody can check.

Plain Python: no extension module does the arithmetic. Each is a function of its arguments alone, so that it can be
called in another thread or process; `hold_memory`, which keeps what it makes, is in `tools.py`. Arguments that make no
sense raise ValueError. All arithmetic is unsigned 32 bit; `runners/vectors.json` holds known answers.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import mul, xor
from typing import Any

import orjson

Arguments = Mapping[str, Any]

_MASK = 0xFFFFFFFF
_FNV_OFFSET = 0x811C9DC5
_FNV_PRIME = 0x01000193
_SMALL_OBJECT_BYTES = 64
# Matrices depend on their size only. The few newest are kept, as an agent keeps its index; more would be a leak.
_MATRICES_KEPT = 4


@dataclass(slots=True)
class SmallObject:
    """What long-lived contexts consist of: a small object with a text of its own."""

    number: int
    text: str


def fnv1a32(text: str) -> int:
    """FNV-1a-32 over the UTF-8 bytes of a text."""
    result = _FNV_OFFSET
    for byte in text.encode():
        result = (result ^ byte) * _FNV_PRIME & _MASK
    return result


def hex8(value: int) -> str:
    """A number below 2^32 as eight hexadecimal digits."""
    return f"{value:08x}"


def integer(args: Arguments, name: str, least: int = 0) -> int:
    """The integer argument of that name. Raises ValueError where it is none, or below `least`."""
    value = args.get(name)
    if type(value) is not int or value < least:
        raise ValueError(f'"{name}" must be an integer from {least}, not {value!r}')
    return value


def parse_document(args: Arguments) -> str:
    """Parses a JSON document, validates it and digests it: `<count>_<hex8>`."""
    text = args.get("document")
    if text is None:
        text = generate_document(integer(args, "seed"), integer(args, "kilobytes"))
    if not isinstance(text, str):
        raise ValueError('"document" must be a string of JSON')
    document = orjson.loads(text)
    records = document.get("records") if isinstance(document, dict) else None
    if not isinstance(records, list):
        raise ValueError('the document must have an array "records"')
    return f"{len(records)}_{hex8(fnv1a32(''.join(map(_digest, records))))}"


def _digest(record: Any) -> str:
    match record:
        case {"id": int(id_), "name": str(name), "tags": [*tags], "values": [*values]}:
            if not all(map(_is_document_number, [id_, *values])):
                raise ValueError('"id" and "values" must be integers from 0 below 2^31')
            if not all(isinstance(tag, str) for tag in tags):
                raise ValueError('"tags" must be strings')
            return f"{id_}:{name}:{','.join(tags)}:{','.join(map(str, values))};"
    raise ValueError("each record must have an id, a name, tags and values")


def _is_document_number(value: Any) -> bool:
    # type, not isinstance: True and False are ints to isinstance.
    return type(value) is int and 0 <= value < 2**31


def generate_document(seed: int, kilobytes: int) -> str:
    """The text of a document made from a seed, without white space, at least `kilobytes` × 1024 bytes long."""
    head, tail = '{"records":[', "]}"
    records: list[str] = []
    x = _start(seed)
    # All characters are ASCII, so that lengths are bytes. The first record has no comma before it.
    length = len(head) + len(tail) - 1
    while length + (not records) < kilobytes * 1024:
        a, b, c, d, e, f = _stream(x, 6)
        x = f
        values = f"{d >> 1},{e >> 1},{f >> 1},{a >> 1}"
        records.append(
            f'{{"id":{len(records)},"name":"w{a % 1000}","tags":["t{b % 50}","t{c % 50}"],"values":[{values}]}}'
        )
        length += len(records[-1]) + 1
    return head + ",".join(records) + tail


def search_memory(args: Arguments) -> str:
    """Compares a query with every vector of a matrix: `<index>_…_<hex8 of the scores>`, the best first."""
    vectors, width, top = (integer(args, name, 1) for name in ("vectors", "dimensions", "top"))
    query = _components(_start(integer(args, "seed")), width)
    matrix = _matrix(vectors, width)
    scores = [sum(map(mul, query, matrix[at : at + width])) & _MASK for at in range(0, len(matrix), width)]
    # Like sorted(), nlargest leaves equals in their order: ties go to the lower index.
    best = heapq.nlargest(top, range(vectors), key=scores.__getitem__)
    checksum = fnv1a32(",".join(str(scores[row]) for row in best))
    return "_".join([*map(str, best), hex8(checksum)])


@lru_cache(_MATRICES_KEPT)
def _matrix(vectors: int, width: int) -> bytes:
    return _components(_start(width), vectors * width)


def burn_cpu(args: Arguments) -> str:
    """Burns processor time: `hex8` of the last number."""
    rounds = integer(args, "rounds")
    x = _start(integer(args, "seed"))
    # xorshift32 once more, as in _stream: to call a function would take as long as what it does.
    for _ in range(rounds):
        x ^= x << 13 & _MASK
        x ^= x >> 17
        x ^= x << 5 & _MASK
        x = x * 1664525 + 1013904223 & _MASK
    return hex8(x)


def churn_memory(args: Arguments) -> str:
    """Allocates ⌊bytes / 64⌋ small objects and drops them: `churned_<n>_<hex8>`."""
    seed, count = integer(args, "seed"), integer(args, "bytes") // _SMALL_OBJECT_BYTES
    first = _start(seed)
    digest = reduce(xor, (_small_object(first, i).number for i in range(count)), 0)
    return f"churned_{count}_{hex8(fnv1a32(str(digest)))}"


def small_objects(args: Arguments) -> list[SmallObject]:
    """The objects that `hold_memory` keeps: ⌊bytes / 64⌋ of them."""
    seed, count = integer(args, "seed"), integer(args, "bytes") // _SMALL_OBJECT_BYTES
    first = _start(seed)
    return [_small_object(first, i) for i in range(count)]


def _small_object(first: int, i: int) -> SmallObject:
    number = first + i & _MASK
    return SmallObject(number, str(number))


def _start(n: int) -> int:
    return fnv1a32(str(n)) | 1


def _stream(x: int, count: int) -> list[int]:
    """The first `count` numbers after x of xorshift32 (Marsaglia, "Xorshift RNGs", 2003)."""
    numbers = []
    for _ in range(count):
        x ^= x << 13 & _MASK
        x ^= x >> 17
        x ^= x << 5 & _MASK
        numbers.append(x)
    return numbers


def _components(x: int, count: int) -> bytes:
    made = bytearray(count)
    for i in range(count):
        x ^= x << 13 & _MASK
        x ^= x >> 17
        x ^= x << 5 & _MASK
        made[i] = x >> 24 & 15
    return bytes(made)

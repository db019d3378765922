"""The memory of RDS instance classes, and how much of it a formula surely sees.

Source of the nominal sizes: Amazon RDS User Guide, "Hardware specifications for DB instance classes". DBInstanceClassMemory is
the nominal size less what the operating system and RDS take; AWS publishes no number. The shares here lie below the lowest
that were observed through MySQL's default of max_connections: 0.703 (t3.micro), 0.803 (t4g.small), 0.914 (t2.medium) and 0.913
(m5.large, r3).
"""

from __future__ import annotations

from collections.abc import Mapping

GIB = 2**30


def _grown(large: float, sizes: str) -> Mapping[str, float]:
    """GiB by size: `large` as given, every other size by its multiple of it."""
    return {
        size: large if size == "large" else 2 * large * int(size.removesuffix("xlarge") or 1) for size in sizes.split()
    }


_BURSTABLE = {"micro": 1.0, "small": 2.0, "medium": 4.0, "large": 8.0, "xlarge": 16.0, "2xlarge": 32.0}
_TO_16 = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
_TO_24 = f"{_TO_16} 24xlarge"
_TO_32 = f"{_TO_24} 32xlarge"
_TO_48 = f"{_TO_24} 48xlarge"

_FAMILIES: Mapping[str, Mapping[str, float]] = {
    **dict.fromkeys(("t2", "t3", "t4g"), _BURSTABLE),
    "m3": {"medium": 3.75, "large": 7.5, "xlarge": 15.0, "2xlarge": 30.0},
    "m4": _grown(8, "large xlarge 2xlarge 4xlarge 10xlarge 16xlarge"),
    **dict.fromkeys(("m5", "m5d"), _grown(8, _TO_24)),
    **dict.fromkeys(("m6g", "m6gd", "m7g"), _grown(8, _TO_16)),
    **dict.fromkeys(("m6i", "m6id", "m6idn", "m6in"), _grown(8, _TO_32)),
    **dict.fromkeys(("m7i", "m8g", "m8gd"), _grown(8, _TO_48)),
    "r3": _grown(15.25, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "r4": _grown(15.25, "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge"),
    **dict.fromkeys(("r5", "r5b", "r5d"), _grown(16, _TO_24)),
    **dict.fromkeys(("r6g", "r6gd", "r7g"), _grown(16, _TO_16)),
    **dict.fromkeys(("r6i", "r6id", "r6idn", "r6in"), _grown(16, _TO_32)),
    **dict.fromkeys(("r7i", "r8g", "r8gd"), _grown(16, _TO_48)),
    "c6gd": {"medium": 2.0, **_grown(4, _TO_16)},
    "x1": {"16xlarge": 976.0, "32xlarge": 1952.0},
    "x1e": _grown(61, "xlarge 2xlarge 4xlarge 8xlarge 16xlarge 32xlarge"),
    "x2g": _grown(32, _TO_16),
    "x2idn": {"16xlarge": 1024.0, "24xlarge": 1536.0, "32xlarge": 2048.0},
    "x2iedn": _grown(64, "xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge"),
    "x2iezn": _grown(64, "2xlarge 4xlarge 6xlarge 8xlarge 12xlarge"),
    "z1d": _grown(16, "large xlarge 2xlarge 3xlarge 6xlarge 12xlarge"),
}


def nominal_memory(instance_class: str) -> int | None:
    """The RAM of a class such as "db.r5.xlarge" in bytes, or None where the class is not in the table."""
    prefix, _, rest = instance_class.partition(".")
    family, _, size = rest.partition(".")
    gib = _FAMILIES.get(family, {}).get(size) if prefix == "db" else None
    return None if gib is None else int(gib * GIB)


def surely_usable_memory(instance_class: str) -> int | None:
    """A safe lower bound of DBInstanceClassMemory in bytes, or None where the class is not in the table."""
    nominal = nominal_memory(instance_class)
    return None if nominal is None else surely_usable(nominal)


def surely_usable(nominal: int) -> int:
    """A safe lower bound of what a formula sees of a RAM in bytes."""
    percent = 68 if nominal < 2 * GIB else 78 if nominal < 4 * GIB else 85 if nominal < 8 * GIB else 90
    return nominal * percent // 100


def family_of(instance_class: str) -> tuple[str, ...]:
    """All classes of the same family, the smallest first; empty where the family is not in the table."""
    family = instance_class.partition(".")[2].partition(".")[0]
    sizes = _FAMILIES.get(family, {})
    return tuple(f"db.{family}.{size}" for size in sorted(sizes, key=lambda size: sizes[size]))

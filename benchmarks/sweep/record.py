"""The record of a run: a file to compare later ones with."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweep.report import mean
from sweep.rows import PEERS, Row

SAME = 0.1  # changes smaller than this are not told


def machine() -> str:
    """The processor's name, and how many of it."""
    cpuinfo = Path("/proc/cpuinfo")
    names = (
        [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        if cpuinfo.exists()
        else []
    )
    name = (
        names[0].split(":", 1)[1].strip() if names else platform.processor() or platform.machine()
    )
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def write(path: Path, rows: Sequence[Row], versions: dict[str, str]) -> None:
    """Microseconds by threads, case and library."""
    times: dict[str, Any] = {}
    for row in rows:
        figures = {name: round(1e6 * s, 4) for name in row.figures if (s := row.seconds(name))}
        times.setdefault(str(row.threads), {})[row.case.name] = figures
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"machine": machine(), "versions": versions, "microseconds": times}
    path.write_text(json.dumps(record, indent=0) + "\n")
    print(f"\nrecord: {path}")


def former_row(record: dict, row: Row) -> Row | None:
    figures = record["microseconds"].get(str(row.threads), {}).get(row.case.name)
    if figures is None:
        return None
    return Row(row.case, row.threads, {name: us / 1e6 for name, us in figures.items()})


def compare(path: Path, rows: Sequence[Row], most: int) -> None:
    """How our times changed, beside how those of the peers did: they tell what the machine did."""
    record = json.loads(path.read_text())
    pairs = [(former, row) for row in rows if (former := former_row(record, row))]
    print(f"\nagainst {path} ({record['machine']}): the former time over this one")
    print(
        f"{'family':16}{'threads':>8}{'cases':>7}{'pylego':>8}" + "".join(f"{p:>8}" for p in PEERS)
    )
    for family, threads in dict.fromkeys((row.case.family, row.threads) for _, row in pairs):
        chosen = [(a, b) for a, b in pairs if (b.case.family, b.threads) == (family, threads)]
        means = [mean(change(a, b, name) for a, b in chosen) for name in ("pylego", *PEERS)]
        cells = "".join(f"{m:8.2f}" if m else f"{'-':>8}" for m in means)
        print(f"{family:16}{threads:8}{len(chosen):7}{cells}")
    told = [(beside(a, b), b) for a, b in pairs if beside(a, b)]
    told = sorted((pair for pair in told if abs(pair[0] - 1) > SAME), key=lambda pair: pair[0])
    slower = [pair for pair in told if pair[0] < 1]
    print(f"\nslower than then, beside the peers: {len(slower)}; faster: {len(told) - len(slower)}")
    for factor, row in slower[:most]:
        print(f"{factor:6.2f}  {row.threads} thread{'s' * (row.threads > 1)}  {row.case.name}")


def change(former: Row, row: Row, name: str) -> float | None:
    before, now = former.seconds(name), row.seconds(name)
    return before / now if before and now else None


def beside(former: Row, row: Row) -> float | None:
    """How much faster we became, less how much faster the same code of the peers did."""
    ours = change(former, row, "pylego")
    theirs = mean(change(former, row, name) for name in PEERS)
    return ours / (theirs or 1.0) if ours else None

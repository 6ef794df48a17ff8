#!/usr/bin/env python3
"""docs/benchmarks.md and its plots, from what bench/curves.py kept in docs/benchmarks.json."""

import dataclasses
import json
import pathlib

import plot

root = pathlib.Path(__file__).resolve().parent.parent
kept = root / "docs/benchmarks.json"
page = root / "docs/benchmarks.md"
pictures = root / "docs/benchmarks"


@dataclasses.dataclass
class Curve:
    title: str
    says: str
    columns: dict[str, str]  # Of a point's figures: the heading, with its unit.
    plots: dict[str, tuple[str, ...]]  # By the unit of the axis: the figures that are drawn.
    # Figures that may not grow by more than the target says: each point's ratio to the best of those before is shown too, as
    # …_ratio. To the best: a first point that was measured badly would let all the others grow unseen.
    level: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def across(self):
        return next(iter(self.columns.values()))


curves = {
    "catalogue": Curve(
        "Products in one store",
        "“Any page” reads 20,000 products at random, again and again: each is read from the database once and is in the cache "
        "from then on; “search, one” is a word that one product has, “search, many” a word that all have, sorted by price. "
        "Catalogues come in by `souk import` in files of 200,000 rows; what RocksDB compacts afterwards is not counted.",
        {"products": "products", "import_rows_per_s": "import, rows/s", "import_cpu_us": "import, CPU µs a row",
         "import_peak_mib": "peak of the import, MiB", "cached_cpu_us": "cached page, CPU µs", "any_cpu_us": "any page, CPU µs",
         "any_p99_ms": "p99, ms", "search_one_cpu_us": "search, one, CPU µs", "search_many_cpu_us": "search, many, CPU µs",
         "cart_cpu_us": "add to cart, CPU µs", "disk_mib": "disk, MiB", "start_ms": "start, ms",
         "start_mib": "memory then, MiB", "used_mib": "after all this, MiB"},
        {"CPU µs a request": ("cached_cpu_us", "any_cpu_us", "search_one_cpu_us", "search_many_cpu_us", "cart_cpu_us"),
         "disk and memory, MiB; start, ms": ("disk_mib", "used_mib", "start_mib", "start_ms")},
    ),
    "stores": Curve(
        "Stores",
        "10,000 products in all, spread over so many stores. Reads are of pages at random, checkouts of one-line carts in "
        "stores at random, each answered once the saga has settled it; their p99 is that of the quietest of several rounds. "
        "A read's is about 1 or about 4.3 ms (a time slice of the scheduler, which wrk shares) at any number of stores: its ratio "
        "tells which of the two a point met. "
        "Instructions are those of all threads, counted by callgrind, once RocksDB has compacted what making the stores wrote.",
        {"stores": "stores", "read_cpu_us": "read, CPU µs", "read_p99_ms": "read, p99, ms",
         "read_p99_ms_ratio": "x the best before", "read_instructions": "read, instructions", "checkout_cpu_us": "checkout, CPU µs",
         "checkout_p99_ms": "checkout, p99, ms", "checkout_p99_ms_ratio": "x the best before",
         "checkout_instructions": "placing, instructions", "disk_mib": "disk, MiB", "start_ms": "start, ms",
         "start_mib": "memory then, MiB", "used_mib": "after all this, MiB"},
        {"CPU µs a request": ("read_cpu_us", "checkout_cpu_us"),
         "instructions a request": ("read_instructions", "checkout_instructions"),
         "disk and memory, MiB; start, ms": ("disk_mib", "used_mib", "start_mib", "start_ms")},
        level=dict.fromkeys(("read_p99_ms", "checkout_p99_ms", "read_instructions", "checkout_instructions"), "≤ 1.2"),
    ),
    "cart": Curve(
        "Lines in a cart",
        "A cart's answer shows all of its lines at today's prices, so it grows with them; a write adds to one line. “Beside a "
        "bare log” is the rate of such writes over that of a log that appends and syncs the same bytes, at 16 connections. "
        "Disk and start are those of a shop with 1,000 products and 16 such carts.",
        {"lines": "lines", "write_instructions": "write, instructions", "answer_bytes": "answer, bytes",
         "read_cpu_us": "read, CPU µs", "read_p99_ms": "read, p99, ms",
         "write_cpu_us": "write, CPU µs", "write_p99_ms": "write, p99, ms", "write_rate": "writes/s",
         "beside_bare_log": "beside a bare log", "disk_mib": "disk, MiB", "start_ms": "start, ms",
         "start_mib": "memory then, MiB", "used_mib": "after all this, MiB"},
        {"CPU µs a request": ("read_cpu_us", "write_cpu_us"), "instructions a write": ("write_instructions",),
         "disk and memory, MiB; start, ms": ("disk_mib", "used_mib", "start_mib", "start_ms")},
    ),
    "clients": Curve(
        "Clients at once",
        "Connections that send their next request once the last is answered; a write adds to a cart of the client's own. Disk "
        "and start are those after their writes.",
        {"clients": "clients", "read_rate": "reads/s", "read_cpu_us": "read, CPU µs", "read_p99_ms": "read, p99, ms",
         "write_rate": "writes/s", "write_cpu_us": "write, CPU µs", "write_p99_ms": "write, p99, ms",
         "used_mib": "memory, MiB", "disk_mib": "disk, MiB", "start_ms": "start, ms", "start_mib": "memory then, MiB"},
        {"CPU µs a request": ("read_cpu_us", "write_cpu_us"), "requests/s": ("read_rate", "write_rate"),
         "disk and memory, MiB; start, ms": ("disk_mib", "used_mib", "start_mib", "start_ms")},
    ),
    "backlog": Curve(
        "Messages waiting in a queue",
        "Half of them were tried once. A commit carries one event; a message is received and acknowledged in tens, once "
        "RocksDB has compacted what filling wrote. A start looks at the retries that rest.",
        {"messages": "messages", "commit_cpu_us": "commit, CPU µs", "message_cpu_us": "message, CPU µs", "disk_mib": "disk, MiB",
         "start_ms": "start, ms", "start_mib": "memory then, MiB", "used_mib": "after all this, MiB"},
        {"CPU µs": ("commit_cpu_us", "message_cpu_us"), "disk and memory, MiB; start, ms": ("disk_mib", "used_mib", "start_ms")},
    ),
    "idle": Curve(
        "Doing nothing",
        "After one sale; the system calls are counted in a second period, since counting costs CPU.",
        {"seconds": "seconds", "cpu_ms": "CPU, ms", "system_calls": "system calls", "start_mib": "memory, MiB"},
        {},
    ),
}  # fmt: skip

head = """# Benchmarks

How the cost of a request grows with what a shop grows by. Made by `./dev bench --curves`, which keeps its figures in
`benchmarks.json`; the figures of the README, each beside its yardstick, come from `./dev bench` itself.

The machine was shared with other work while this was measured, and the clients ran on the same cores: **rates and latencies
are noise** as soon as something else runs. CPU per request (the server process's own, user and system) and instructions are
what to read, and how they change down a column. All axes are logarithmic: what does not grow is level.
"""


def shown(value):
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def with_ratios(curve, points):
    def ratio(i, figure):
        return points[i][figure] / min(point[figure] for point in points[: i or 1])

    return [point | {f"{figure}_ratio": ratio(i, figure) for figure in curve.level} for i, point in enumerate(points)]


def judge(name, points, targets):
    """How each point of a curve stands to the best before it, a line for each figure that is to be level."""
    curve = curves[name]
    x = next(iter(curve.columns))
    for point in with_ratios(curve, points)[1:]:
        for figure, target in curve.level.items():
            what, ratio = f"{name} {point[x]}: {figure} beside the best before", point[f"{figure}_ratio"]
            yield f"{what}: {ratio:.2f}, {targets.judge(what, ratio, target)}"


def section(name, curve, measured):
    out = [f"## {curve.title}", "", curve.says, "",
           f"`{measured['command']}`, {measured['date']}, {measured['machine']}", "",
           "| " + " | ".join(curve.columns.values()) + " |", "|" + " ---: |" * len(curve.columns)]  # fmt: skip
    for point in with_ratios(curve, measured["points"]):
        out.append("| " + " | ".join(shown(point[column]) if column in point else "–" for column in curve.columns) + " |")
    for number, (unit, figures) in enumerate(curve.plots.items(), 1):
        x = next(iter(curve.columns))
        series = {curve.columns[f].rsplit(", CPU µs", 1)[0]:
                  [(p[x], p[f]) for p in measured["points"] if f in p] for f in figures}  # fmt: skip
        series = {label: points for label, points in series.items() if points}
        if not series:
            continue  # Not measured yet.
        picture = pictures / f"{name}-{number}.svg"
        picture.write_text(plot.chart(curve.title, curve.across, unit, series))
        out += ["", f"![{curve.title}: {unit}]({picture.relative_to(page.parent)})"]
    return "\n".join([*out, ""])


def main():
    measured = json.loads(kept.read_text()) if kept.exists() else {}
    pictures.mkdir(exist_ok=True)
    parts = [section(name, curve, measured[name]) for name, curve in curves.items() if name in measured]
    page.write_text("\n".join([head, *parts]))


if __name__ == "__main__":
    main()

"""Line charts as SVG, both axes logarithmic: what grows tenfold as x grows tenfold climbs at 45 degrees, what does not grow
is level."""

import math
from html import escape

width, height = 640, 360
left, right, top, bottom = 64, 20, 34, 44
colours = ("#1f6feb", "#d1570b", "#2da44e", "#8250df", "#bf3989", "#6e7781")


def short(value):
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def decades(values):
    """The powers of ten around the values, at least one decade apart."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def chart(title, across, up, series):
    """`series` is {name: [(x, y)…]}; an x of 0 is drawn at the left edge, at 1."""
    lines = {name: [(max(x, 1), max(y, 1e-3)) for x, y in points] for name, points in series.items()}
    x_low, x_high = decades([x for points in lines.values() for x, _ in points])
    y_low, y_high = decades([y for points in lines.values() for _, y in points])

    def place(x, y):
        across_share = (math.log10(x) - x_low) / (x_high - x_low)
        up_share = (math.log10(y) - y_low) / (y_high - y_low)
        return left + across_share * (width - left - right), height - bottom - up_share * (height - top - bottom)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{left}" y="20" font-size="14" fill="#1f2328">{escape(title)}</text>',
    ]
    for power in range(x_low, x_high + 1):
        x, base = place(10**power, 10**y_low)
        out.append(f'<path d="M{x:.1f} {top}V{base:.1f}" stroke="#d8dee4"/>')
        out.append(f'<text x="{x:.1f}" y="{base + 16:.1f}" text-anchor="middle" fill="#59636e">{short(10**power)}</text>')
    for power in range(y_low, y_high + 1):
        edge, y = place(10**x_low, 10**power)
        out.append(f'<path d="M{edge} {y:.1f}H{width - right}" stroke="#d8dee4"/>')
        out.append(f'<text x="{edge - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#59636e">{short(10**power)}</text>')
    out.append(f'<text x="{width - right}" y="{height - 8}" text-anchor="end" fill="#59636e">{escape(across)}</text>')
    out.append(f'<text x="8" y="{top - 4}" fill="#59636e">{escape(up)}</text>')
    for number, (name, points) in enumerate(lines.items()):
        colour = colours[number % len(colours)]
        spots = [place(x, y) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        y = top + 14 + 16 * number
        out.append(f'<path d="M{width - 196} {y - 4}h18" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{width - 172}" y="{y}" fill="#1f2328">{escape(name)}</text>')
    return "\n".join([*out, "</svg>", ""])

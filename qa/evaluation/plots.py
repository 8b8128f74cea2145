"""The report's plots, as SVG that takes its colours from the page's style sheet; numbers in, no text of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

_WIDTH, _HEIGHT = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 20, 16, 42
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def bar(value: float | None, low: float | None = None, high: float | None = None) -> Markup:
    """A bar from 0 to a share in [0, 1], with a whisker over its range.

    Like all strips, it is hidden from screen readers: the numbers stand beside it.
    """
    parts = ['<rect class="rail" x="0" y="3" width="100" height="10" rx="2"/>']
    if value is not None:
        parts.append(f'<rect class="fill" x="0" y="3" width="{_percent(value)}" height="10" rx="2"/>')
    if value is not None and low is not None and high is not None:
        left, right = _percent(low), _percent(high)
        parts.append(f'<path class="whisker" d="M{left} 8H{right}M{left} 4.5V11.5M{right} 4.5V11.5"/>')
    return _strip("bar", 16, parts)


def span_bar(value: float, until: float, most: float) -> Markup:
    """A bar up to a value, and a paler one on to another, as shares of the longest."""
    near, far = _percent(value / most if most else 0), _percent(until / most if most else 0)
    rects = (("beyond", far), ("fill", near))
    drawn = [f'<rect class="{kind}" x="0" y="3" width="{width}" height="10" rx="2"/>' for kind, width in rects]
    return _strip("bar", 16, drawn)


def risk_coverage(points: Sequence[tuple[float, float]]) -> Markup:
    """The share of wrong answers against the share of questions answered, the surest first."""
    line = " ".join(f"{_x(coverage)},{_y(risk)}" for coverage, risk in points)
    last = points[-1]
    told = f"At {last[0]:.0%} of the questions answered, {last[1]:.0%} of the answers are wrong."
    drawn = f'<polyline class="line" points="{line}"/><circle class="dot" cx="{_x(last[0])}" cy="{_y(last[1])}" r="4"/>'
    return _plot("Risk and coverage", told, "questions answered", "wrong answers", [drawn])


def reliability(points: Sequence[tuple[float, float, int]]) -> Markup:
    """The share of right answers against the confidence told, by tenth; the larger the dot, the more answers."""
    most = max(n for *_, n in points)
    diagonal = f'<path class="ideal" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
    dots = (
        f'<circle class="dot" cx="{_x(mean)}" cy="{_y(right)}" r="{3 + 7 * (n / most) ** 0.5:.1f}">'
        f"<title>{n} answers: confidence {mean:.0%}, right {right:.0%}</title></circle>"
        for mean, right, n in points
    )
    line = " ".join(f"{_x(mean)},{_y(right)}" for mean, right, _ in points)
    told = "; ".join(f"confidence {mean:.0%}: {right:.0%} right of {n}" for mean, right, n in points)
    drawn = [diagonal, f'<polyline class="line thin" points="{line}"/>', *dots]
    return _plot("Reliability", told, "confidence", "right", drawn)


def stacked(parts: Sequence[tuple[str, int]]) -> Markup:
    """Counts side by side in one bar; each part has a class of its own, part-0 and on."""
    total, left, drawn = sum(n for _, n in parts), 0.0, []
    for number, (name, n) in enumerate(parts):
        width = 100 * n / total if total else 0
        rect = f'<rect class="part-{number}" x="{left:.2f}" y="0" width="{width:.2f}" height="20">'
        drawn.append(f"{rect}<title>{escape(name)}: {n}</title></rect>")
        left += width
    return _strip("stack", 20, drawn)


def _strip(kind: str, height: int, drawn: Iterable[str]) -> Markup:
    box = f'viewBox="0 0 100 {height}" preserveAspectRatio="none"'
    return Markup(f'<svg class="{kind}" {box} aria-hidden="true">{"".join(drawn)}</svg>')


def _plot(title: str, told: str, across: str, up: str, drawn: Iterable[str]) -> Markup:
    grid = "".join(
        f'<path class="grid" d="M{_x(tick)} {_y(0)}V{_y(1)}M{_x(0)} {_y(tick)}H{_x(1)}"/>'
        f'<text x="{_x(tick)}" y="{_y(0) + 16:.1f}" text-anchor="middle">{tick:.0%}</text>'
        f'<text x="{_LEFT - 6}" y="{float(_y(tick)) + 4:.1f}" text-anchor="end">{tick:.0%}</text>'
        for tick in _TICKS
    )
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    names = (
        f'<text class="axis" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">{across}</text>'
        f'<text class="axis" transform="translate(11 {middle}) rotate(-90)" text-anchor="middle">{up}</text>'
    )
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    label = escape(f"{title}. {told}")
    return Markup(f'<svg class="plot" {box} role="img" aria-label="{label}">{grid}{names}{"".join(drawn)}</svg>')


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _percent(share: float) -> float:
    return round(100 * min(1.0, max(0.0, share)), 2)

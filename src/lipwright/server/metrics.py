"""What is counted and measured, as Prometheus reads it; any part adds its own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

Labels = tuple[tuple[str, str], ...]
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper edges of a histogram of times."""


class Metric:
    """Something that is counted (it only grows) or measured (it goes up and down)."""

    def __init__(self, name: str, help: str, kind: str) -> None:
        self.name, self.help, self.kind = name, help, kind
        self._values: dict[Labels, float] = {}

    def add(self, amount: float = 1.0, **labels: str) -> None:
        """Count so many more."""
        key = tuple(sorted(labels.items()))
        self._values[key] = self._values.get(key, 0.0) + amount

    def set(self, value: float, **labels: str) -> None:
        """Note what is measured now."""
        self._values[tuple(sorted(labels.items()))] = value

    def lines(self) -> list[str]:
        """Return its lines."""
        return [f"{self.name}{_shown(key)} {value:g}" for key, value in self._values.items()]


class Histogram:
    """How values are spread."""

    kind = "histogram"

    def __init__(self, name: str, help: str, edges: Sequence[float]) -> None:
        self.name, self.help, self._edges = name, help, tuple(edges)
        self._counts, self._sum = [0] * (len(self._edges) + 1), 0.0

    def observe(self, value: float) -> None:
        """Note a value."""
        self._counts[bisect_left(self._edges, value)] += 1
        self._sum += value

    def lines(self) -> list[str]:
        """Return its lines."""
        found, total = [], 0
        for edge, count in zip((*self._edges, float("inf")), self._counts, strict=True):
            total += count
            shown = "+Inf" if edge == float("inf") else f"{edge:g}"
            found.append(f'{self.name}_bucket{{le="{shown}"}} {total}')
        return [*found, f"{self.name}_sum {self._sum:g}", f"{self.name}_count {total}"]


class Metrics:
    """All of them. Numbers that others keep are asked for when somebody looks."""

    def __init__(self) -> None:
        self._all: dict[str, Metric | Histogram] = {}
        self._asked: list[Callable[[], None]] = []

    def counter(self, name: str, help: str) -> Metric:
        """Add something that only grows; its name ends in _total."""
        return self._kept(Metric(f"lipwright_{name}", help, "counter"))

    def gauge(self, name: str, help: str) -> Metric:
        """Add something that goes up and down."""
        return self._kept(Metric(f"lipwright_{name}", help, "gauge"))

    def histogram(self, name: str, help: str, edges: Sequence[float] = SECONDS) -> Histogram:
        """Add something of which the spread matters. edges: the upper ones of its parts."""
        found = Histogram(f"lipwright_{name}", help, edges)
        self._all[found.name] = found
        return found

    def before(self, ask: Callable[[], None]) -> None:
        """Call a function, which sets gauges, each time before somebody looks."""
        self._asked.append(ask)

    def text(self) -> str:
        """Return all of them in Prometheus' text format."""
        for ask in self._asked:
            ask()
        lines: list[str] = []
        for one in self._all.values():
            lines += [f"# HELP {one.name} {one.help}", f"# TYPE {one.name} {one.kind}"]
            lines += one.lines()
        return "\n".join(lines) + "\n"

    def _kept(self, metric: Metric) -> Metric:
        self._all[metric.name] = metric
        return metric


def set_all(gauge: Metric, label: str, values: Mapping[str, float]) -> None:
    """Set a gauge for each value of a label."""
    for name, value in values.items():
        gauge.set(value, **{label: name})


def _shown(labels: Labels) -> str:
    if not labels:
        return ""
    escaped = (
        (name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))
        for name, value in labels
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"

"""Figures as the text that Prometheus scrapes."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from hexkeep.ports.telemetry import Figure, Kind

PREFIX = "hexkeep_"
MEDIA_TYPE = CONTENT_TYPE_LATEST


def exposition(figures: Sequence[Figure]) -> bytes:
    """Every figure, under a name that begins with ``hexkeep_``."""
    registry = CollectorRegistry()
    registry.register(_Collected(figures))
    return generate_latest(registry)


class _Collected(Collector):
    """Figures that were found already."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """One family per name."""
        for _, found in groupby(self._figures, key=lambda one: one.name):
            yield _family(list(found))


def _family(figures: Sequence[Figure]) -> Metric:
    first = figures[0]
    names = [name for name, _ in first.labels]
    make = CounterMetricFamily if first.kind is Kind.COUNTER else GaugeMetricFamily
    family = make(PREFIX + first.name, first.help, labels=names)
    for one in figures:
        family.add_metric([value for _, value in one.labels], one.value)
    return family

"""Measurements: record a number, time a block, see where it is going."""

from whetstone_server.metrics.insights import Insight, insights
from whetstone_server.metrics.metric import Metric, Target, metric_named
from whetstone_server.metrics.reading import Sample, Series, series
from whetstone_server.metrics.recording import record, timed
from whetstone_server.metrics.trends import Change, Trend, trend, trend_of

__all__ = [
    "Change",
    "Insight",
    "Metric",
    "Sample",
    "Series",
    "Target",
    "Trend",
    "insights",
    "metric_named",
    "record",
    "series",
    "timed",
    "trend",
    "trend_of",
]

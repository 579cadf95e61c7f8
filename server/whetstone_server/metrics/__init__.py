"""Measurements: record a number, time a block, see where it is going."""

from whetstone_server.metrics.metric import Metric, Target, metric_named
from whetstone_server.metrics.reading import Sample, Series, series
from whetstone_server.metrics.recording import record, timed

__all__ = ["Metric", "Sample", "Series", "Target", "metric_named", "record", "series", "timed"]

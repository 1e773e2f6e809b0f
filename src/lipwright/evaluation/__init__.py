"""Evaluation of lip sync against real speech; `evaluate` is the entry point."""

from lipwright.evaluation.results import MEASURES, METHODS, Clip, Evaluation, Measure
from lipwright.evaluation.run import evaluate

__all__ = ["MEASURES", "METHODS", "Clip", "Evaluation", "Measure", "evaluate"]

"""How well a mouth follows real speech: `evaluate` is the door."""

from lipwright.evaluation.results import MEASURES, METHODS, Clip, Evaluation, Measure
from lipwright.evaluation.run import evaluate

__all__ = ["MEASURES", "METHODS", "Clip", "Evaluation", "Measure", "evaluate"]

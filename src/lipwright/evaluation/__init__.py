"""How well a mouth follows real speech: `evaluate` is the door."""

from lipwright.evaluation.evaluate import evaluate
from lipwright.evaluation.results import MEASURES, METHODS, Clip, Evaluation, Measure

__all__ = ["MEASURES", "METHODS", "Clip", "Evaluation", "Measure", "evaluate"]

"""The built-in engine: it animates a still portrait by warping its pixels; no weights, no GPU."""

from lipwright.engines.warp.engine import WarpEngine, WarpOptions

__all__ = ["WarpEngine", "WarpOptions"]

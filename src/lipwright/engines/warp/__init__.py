"""The embedded engine: a still portrait speaks by warping its own pixels. No weights, no GPU."""

from lipwright.engines.warp.engine import WarpEngine, WarpOptions

__all__ = ["WarpEngine", "WarpOptions"]

"""The engines `wav2lip` and `wav2lip-gan`: a face redrawn by Wav2Lip's generator."""

from lipwright.engines.wav2lip.engine import Wav2LipEngine, Wav2LipGanEngine, Wav2LipOptions

__all__ = ["Wav2LipEngine", "Wav2LipGanEngine", "Wav2LipOptions"]

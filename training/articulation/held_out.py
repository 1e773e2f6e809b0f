"""What is kept for validation, and never trained on."""

VOICES = ("af_bella", "am_michael", "bf_emma", "hf_beta", "hm_psi", "ff_siwis", "zf_xiaoxiao")
"""Voices of Kokoro."""
EVERY = 10
"""Every so many sentences of GRID's speaker s1, in every voice."""

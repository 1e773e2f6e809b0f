"""Audio: decoding, mixing, loudness."""

"""LSE-D, LSE-C and the audio-visual offset, measured by SyncNet."""

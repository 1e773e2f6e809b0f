"""A picture or a video and a speech become a video: options, rendering, resuming."""

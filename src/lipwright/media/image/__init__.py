"""Still images and their transparency."""

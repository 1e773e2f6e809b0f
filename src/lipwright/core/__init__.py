"""What every room stands on: nothing here knows of faces, voices or films."""

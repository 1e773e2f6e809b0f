"""The engine `musetalk`: a face redrawn by MuseTalk 1.5."""

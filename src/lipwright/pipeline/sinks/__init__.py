"""What becomes of frames and sound: a sink takes a rendered stream and makes something of it."""

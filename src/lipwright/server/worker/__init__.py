"""What runs in the server's workers: everything that needs pictures, sound or networks.

A worker reads one JSON object a line from standard input, and writes the same to standard output.
It ends, whatever it is doing, when its standard input ends: that is when the server is gone.
"""

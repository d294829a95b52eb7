"""Writes a CSV file: large_file.py PATH GIB."""

import random
import sys

chance = random.Random(5)
lines = [
    "2026-01-01T%02d:%02d:%02d.%03dZ,10.%d.%d.%d,GET,/api/v1/items/%d,%d,%d,%.4f\n" % (
        chance.randrange(24), chance.randrange(60), chance.randrange(60), chance.randrange(1000), chance.randrange(256),
        chance.randrange(256), chance.randrange(256), chance.randrange(10**6), chance.choice([200, 200, 304, 404, 500]),
        chance.randrange(10**5), chance.random())
    for _ in range(200_000)]
goal, size = int(sys.argv[2]) << 30, 0
with open(sys.argv[1], "wb") as file:
    while size < goal:
        chance.shuffle(lines)
        piece = "".join(lines).encode()[: goal - size]
        size += file.write(piece)

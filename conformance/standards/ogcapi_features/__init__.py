"""OGC API – Features Part 1: Core 1.0.1 (OGC 17-069r4), with OGC API – Common Part 1 where it overlaps."""

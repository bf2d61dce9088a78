"""Which bodies, pages and objects are looked at: chosen by the seed, the same for the same evidence."""

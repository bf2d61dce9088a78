"""The exit rehearsal (Wechselprobe): export everything through the open interface, load it elsewhere, measure.

``extract`` reads a platform into a portable archive, ``load`` writes an archive through the open write path of
another one, ``compare`` says what was lost, ``rehearse`` does it all.
"""

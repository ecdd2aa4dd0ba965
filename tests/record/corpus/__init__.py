"""Texts with numbers that may never be kept, and with what looks like them, made from a seed with the truth.

Nothing here knows the recogniser: check digits, ranges, countries and words are written again, from what is
published, so that the corpus can find it wrong.
"""

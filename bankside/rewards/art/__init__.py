"""Card art: a member's voices drawn as one coastline, with the boxes that a bureau and a scheme ask for.

Pure Python: no Django, no database, no clock. `draw.draw` is the door for one card, `bureau.batch` for many.
No card number, expiry or code is ever given to it, so none can come out. Not done: PDF/X-4 with an output
intent, CMYK and spot colours; a bureau converts from sRGB.
"""

"""The payments seam: card transactions from feeds, merchant codes read and made, a sandbox of our own codes.

Pure Python, no database. Nothing here holds a card number, an expiry date or a security code.
"""

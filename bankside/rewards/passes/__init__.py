"""Wallet passes for points: files and tokens for the wallets of phones. A pass shows points and pays nothing.

Pure Python, no database. No name, no account number, no card number is on a pass.
"""

"""What a published log is made of: leaves, trees, tiles, notes, proofs, and what checks them. Pure Python."""

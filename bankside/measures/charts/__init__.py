"""Charts as SVG, drawn on the server, readable without colour: pure Python, no Django."""

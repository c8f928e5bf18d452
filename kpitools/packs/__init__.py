"""Hand over: executed notebooks become HTML and PDF packs, an index and a manifest."""

"""One search over all formats up to a size: each one's schemes are starts for the others."""

"""The atlas: every word over every small group, up to relabelling, with ranks and bounds."""

"""The three subsets that labelled photos are split into: what a model learns from, what steers it, what judges it."""

TRAIN, VALIDATION, TEST = "train", "validation", "test"

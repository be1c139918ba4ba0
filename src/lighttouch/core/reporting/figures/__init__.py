"""Figures: drawings of the document model as vector and bitmap images."""

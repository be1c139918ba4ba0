"""Declare a design, draw from it, prove the draw, show the balance."""

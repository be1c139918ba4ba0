"""Pages of allocation: the draw, who may see its arms, and opening them."""

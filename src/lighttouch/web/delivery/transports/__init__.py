"""How a delivery leaves the house: one folder per transport, all speaking :mod:`.base`."""

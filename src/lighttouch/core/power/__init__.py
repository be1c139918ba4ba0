"""Power before launch, by formula and by simulating the declared design."""

"""What a partner sends itself: merge packs for its own e-mail, and letters that it prints.

A pack holds deliveries of one mailing. Making it decides, for each person, whether the message is
still needed, and holds them until the coordinator says what became of the pack. While it is open,
making it again gives the same pack, so no delivery is ever in two. A pack of which nothing is heard
in a week leaves its deliveries in doubt, which the dashboard shows.
"""

"""Letters as one PDF, ready for the printer: A4, a page for each person, folded into DL envelopes.

The address stands where a British DL window shows it, and the text starts below the fold, as
GOV.UK Notify's letter specification asks; so the same pages can be given to Notify as finished
letters. The file is tagged (PDF/UA-1), has its fonts inside, carries no date, and is made in
memory: the same letters give the same bytes.

Nothing is cut off quietly. A letter that is too long for its page, an address that does not fit
its window, and a letter no font here has are refused, each named by its place in the pile.
"""

from lighttouch.web.delivery.transports.print.setting import (
    Letter,
    letter_of,
    set_letter,
    set_letters,
)

__all__ = ["Letter", "letter_of", "set_letter", "set_letters"]

"""The merge pack: for a partner that sends messages itself, since it alone knows who is who.

It is three files:

- ``.csv`` or ``.xlsx``: each person's code, private link and words, for a mail merge;
- an offline page, one ``.html`` file. Opened on the partner's own computer, it joins the pack to
  the partner's list of names by code, inside the browser. Its content policy allows it no
  connection to anywhere, so no name can leave the machine; what does not match is listed by code.

No cell of any of them can run as a formula. A pack carries no name and no address, but its links
are private: each opens one person's survey.
"""

from lighttouch.web.delivery.transports.merge_pack.files import Row, write_csv, write_xlsx
from lighttouch.web.delivery.transports.merge_pack.page import write_page

__all__ = ["Row", "write_csv", "write_page", "write_xlsx"]

"""GOV.UK Notify, with the partner's own service and key, through its official client.

What the partner sets up at Notify, once:

- an e-mail template with the subject ``((subject))`` and the body ``((text))``;
- a text template with the body ``((text))``;
- for letters nothing: each is sent as a finished PDF, made by ``transports.print``.

What we hold to:

- The delivery's reference goes with every attempt. Notify does not refuse a second message of
  the same reference, so an attempt whose answer was lost is looked up by reference, and is never
  handed over again unless Notify itself said that it took nothing.
- No more than 3,000 messages in any minute for each key, however many workers there are.
- Notify forgets after seven days. Its receipts come to ``/receipts/notify/<service>/``. Of what no
  receipt came for, and of what is in doubt, it is asked before then.
- Neither the client's own warnings nor Notify's words are passed on, since they may repeat what
  was sent. Trouble is said in our words.
"""

"""What the report says: the document written from the results, section by section."""

"""What every page is made of: templates, forms, charts, dates as people say them."""

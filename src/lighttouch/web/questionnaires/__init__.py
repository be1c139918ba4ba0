"""The builder: questionnaires put together on the site, and put into the trial file."""

"""The apps: what was trained, in a browser. Pages compose widgets; all computing lives in `dlsuite`."""

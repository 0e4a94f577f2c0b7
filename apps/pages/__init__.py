"""The pages, one file each: `PAGE` says what a page is, and `show` of it draws it."""

"""The formats that test sets come in, one file each; every one reads a file into Gold, Article and Bad records."""

"""Every error of ours, in one tree.

DatelineError
├── SettingsError            a setting or argument that cannot be used
├── SourceError              an input that cannot be read at all (one bad article is only Rejected)
│   └── FetchError           an address that cannot or must not be fetched
├── LibraryError             the library cannot be used as asked
│   ├── LibraryNotFoundError
│   ├── LibraryMismatchError built with another embedding model or schema version
│   ├── LibraryBusyError     another process is at work in it
│   └── LibraryDamagedError  the catalog or the vectors cannot be read
└── QuestionError            a question that cannot be asked
"""


class DatelineError(Exception):
    """Root of Dateline's errors; the message says what happened, to which input, and what to do."""


class SettingsError(DatelineError):
    """A setting or argument has a value that cannot be used."""


class SourceError(DatelineError):
    """An input cannot be read at all."""


class FetchError(SourceError):
    """An address cannot, or must not, be fetched."""


class LibraryError(DatelineError):
    """The library cannot be used as asked."""


class LibraryNotFoundError(LibraryError):
    """There is no library at that path."""


class LibraryMismatchError(LibraryError):
    """The library was built with another embedding model or schema version."""


class LibraryBusyError(LibraryError):
    """Another process is at work in the library."""


class LibraryDamagedError(LibraryError):
    """The catalog or the vectors cannot be read."""


class QuestionError(DatelineError):
    """The question cannot be asked."""

"""Zip archives, as `.keras` files are: read without trust, written without compression."""

from pylego.saving.archive.reading import Archive, open_archive
from pylego.saving.archive.writing import NewArchive, create_archive

__all__ = ["Archive", "NewArchive", "create_archive", "open_archive"]

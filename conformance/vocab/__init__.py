"""Pinned value lists: those that ship with the suite, and newer ones that a user made from downloaded files.

Nothing is ever fetched. A list of the user goes before the shipped one of the same name if it is newer.
"""

from conformance.vocab.lists import (
    FOLDER_VARIABLE,
    OLD_AFTER_DAYS,
    SourceFile,
    ValueList,
    in_force,
    own_in_force,
    shipped_lists,
    user_folder,
    user_lists,
    write_list,
)
from conformance.vocab.update import Update, updated

__all__ = [
    "FOLDER_VARIABLE",
    "OLD_AFTER_DAYS",
    "SourceFile",
    "Update",
    "ValueList",
    "in_force",
    "own_in_force",
    "shipped_lists",
    "updated",
    "user_folder",
    "user_lists",
    "write_list",
]

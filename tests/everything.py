"""What a process has at hand that begins with the program loaded: see tests/loaded.py."""

import alembic.command  # noqa: F401

import bot.cli.importing
import bot.cli.people
import bot.cli.serving
import bot.server  # noqa: F401
from knowledge_base.search.finder import Finder
from tests.knowledge_base.search.fakes import MemorySource

Finder(MemorySource())  # reads the word lists

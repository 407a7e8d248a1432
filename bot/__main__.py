"""python -m bot is the command `saring`."""

from bot.cli import main

if __name__ == "__main__":
    main()

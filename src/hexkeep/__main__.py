"""``python -m hexkeep`` is ``hexkeep``."""

from hexkeep.cli.main import main

if __name__ == "__main__":
    main()

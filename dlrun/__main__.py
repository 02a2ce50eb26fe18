"""``python -m dlrun``."""

from dlrun.cli.app import main

if __name__ == "__main__":
    main()

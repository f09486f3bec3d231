"""`python -m heterophony` is `heterophony`."""

from heterophony.cli import main

if __name__ == "__main__":
    main()

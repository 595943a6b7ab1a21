"""`python -m pylego program.py`: runs a program written for Keras as it is printed."""

import sys

from pylego.scripts.running import main

if __name__ == "__main__":
    main(sys.argv[1:])

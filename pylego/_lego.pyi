"""What cffi compiles from csrc/; its contents are those of csrc/lego.h."""

from typing import Any

ffi: Any
lib: Any

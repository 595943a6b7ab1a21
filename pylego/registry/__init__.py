"""Objects and their descriptions: what 'adam', Adam, Adam() and {'class_name': 'Adam', 'config':
{...}} have in common, and how the last is written and read.

`identifiers` turns whatever a user names a part by into the part, `writing` describes an object in
Keras's dictionaries, `reading` makes it again, and `public` and `custom` say which names there are.
Families of parts (activations, losses, optimizers, ...) and models are built on these.
"""

from pylego.registry.arguments import completed as completed
from pylego.registry.identifiers import get as get
from pylego.registry.limits import weights_within as weights_within
from pylego.registry.reading import (
    TensorReference as TensorReference,
    UnknownNameError as UnknownNameError,
    deserialize as deserialize,
    is_reading_safely as is_reading_safely,
    is_safe as is_safe,
    read_arguments as read_arguments,
    read_parts as read_parts,
    reading as reading,
)
from pylego.registry.writing import describe as describe, serialize as serialize, sharing as sharing

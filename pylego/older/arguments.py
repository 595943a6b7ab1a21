"""Old arguments of classes, functions and methods as today's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pylego.older import initializers, layer_words, words
from pylego.older.notes import note, say_once

Arguments = dict[str, Any]


def modern(
    name: str, args: tuple, kwargs: Arguments, known: Collection[str], order: str = ""
) -> tuple[tuple, Arguments]:
    """Return the arguments of a call in today's words; those that nobody knows stay.

    Args:
        name: of the class, function or method that is called.
        args: arguments without names.
        kwargs: arguments by name.
        known: the names that it takes today.
        order: how the arguments without names were called, where that was not as today.

    >>> known = ["filters", "kernel_size", "padding"]
    >>> args = {"nb_filter": 8, "nb_row": 3, "nb_col": 3, "border_mode": "same"}
    >>> modern("Conv2D", (), args, known)[1]
    {'filters': 8, 'kernel_size': (3, 3), 'padding': 'same'}
    """
    said = [word for word in kwargs if word not in known]
    if args and (order or any(_today(name, word) for word in said)):
        args, kwargs = _named(name, args, kwargs, order)
    given = with_today_values(renamed(name, joined(kwargs)))
    given.update(_by_table(words.ARGUMENTS.get(name, {}), given, known))
    for word in [word for word in given if word not in known and _is_left_out(name, word, given)]:
        del given[word]
        say_once(f"{name}({word}=) is an older word: today it is left out")
    for word in said:
        if word not in given and (today := _today(name, word)):
            note(f"{name}({word}=)", f"{today}=")
    return args, given


def _named(name: str, args: tuple, kwargs: Arguments, order: str) -> tuple[tuple, Arguments]:
    """Give names to what comes without, where Keras 1 had another order."""
    order = order or layer_words.ORDERS.get(name, "")
    sizes = [word for word in order.split() if word in layer_words.SIZES]
    given = [one for one in args[: len(sizes)] if type(one) is int]
    if not sizes or len(given) < len(sizes):
        return args, kwargs  # as of today: Conv2D(32, (3, 3))
    named = dict(zip(order.split(), args))
    note(f"{name}({', '.join(map(repr, args))})", f"{name}({_shown(name, named)})")
    return (), {**named, **kwargs}


def _shown(name: str, named: Arguments) -> str:
    given = with_today_values(renamed(name, joined(named)))
    return ", ".join(f"{key}={value!r}" for key, value in given.items())


def _by_table(
    table: Mapping[str, str], given: Arguments, known: Collection[str]
) -> Iterator[tuple[str, Any]]:
    for old in [old for old in table if old in given and old not in known]:
        value = given.pop(old)
        if table[old] not in given:
            yield table[old], today_value(table[old], value)


def _is_left_out(name: str, word: str, given: Arguments) -> bool:
    neutral = words.NEUTRAL.get(name, {})
    if word in neutral:
        return given[word] in neutral[word]
    return word in layer_words.IGNORED or word in words.IGNORED.get(name, ())


def _today(name: str, word: str) -> str:
    if word in words.SAID:
        return words.SAID[word]
    for olds, new in layer_words.JOINED.items():
        if word in olds:
            return new
    for table in (layer_words.ARGUMENTS, words.ARGUMENTS):
        if word in table.get(name, {}):
            new = table[name][word]
            return " and ".join(layer_words.SPLIT.get(name, {}).get(new, (new,)))
    return ""


# ---- steps, which files take as well ----


def joined(given: Mapping[str, Any]) -> Arguments:
    """Make one argument of several that are one today: nb_row and nb_col are a kernel_size."""
    result = dict(given)
    for olds, new in layer_words.JOINED.items():
        if all(old in result for old in olds):
            value = tuple(result[old] for old in olds)
            named = {new if key == olds[0] else key: x for key, x in result.items()}
            result = {key: x for key, x in named.items() if key not in olds} | {new: value}
    return result


def renamed(name: str, given: Mapping[str, Any]) -> Arguments:
    """Give the arguments of a layer the names of today."""
    table = layer_words.ARGUMENTS.get(name, {})
    result: Arguments = {}
    for key, value in given.items():
        new = table.get(key, key)
        if new == key or new not in given:
            is_word = key in layer_words.OLD_VALUES and isinstance(value, str)
            found = layer_words.OLD_VALUES[key].get(value, value) if is_word else value
            result[new] = initializers.of_shape(found) if new.endswith("_initializer") else found
    for old, news in layer_words.SPLIT.get(name, {}).items():
        if old in result and not any(new in result for new in news):
            result.update(dict.fromkeys(news, result.pop(old)))
    return result


def with_today_values(given: Mapping[str, Any]) -> Arguments:
    """Give values that are words the words of today: 'th' is 'channels_first'."""
    return {key: today_value(key, value) for key, value in given.items()}


def today_value(key: str, value: Any) -> Any:
    """Return what a value of an argument is called today."""
    is_word = key in layer_words.VALUES and isinstance(value, str)
    return layer_words.VALUES[key].get(value, value) if is_word else value


# ---- what a word means, for messages ----


def meanings(word: str) -> list[str]:
    """List what an old argument may be called today, over all that took it.

    >>> meanings("border_mode")
    ['padding']
    """
    tables = [words.SAID, *layer_words.ARGUMENTS.values(), *words.ARGUMENTS.values()]
    of_joined = [new for olds, new in layer_words.JOINED.items() if word in olds]
    return list(dict.fromkeys([*of_joined, *(t[word] for t in tables if word in t)]))


def is_ignored(word: str) -> bool:
    """Return whether an old argument is left out today."""
    return word in layer_words.IGNORED or any(word in some for some in words.IGNORED.values())

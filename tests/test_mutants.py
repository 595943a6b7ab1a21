"""The mutants of C code: what is changed, and what is left alone."""

from __future__ import annotations

from c_mutants import Mutant, mutants, silenced

CODE = """\
#define TWICE(x) ((x) + (x))
/* i < n, and "more + than" one
   line: 1 + 1 */
static int sum(const int *x, int n) {
    int total = 0; // 3 + 4
    for (int i = 0; i < n; i++) total += x[i] * 2;
    say("1 < 2", '+');
    if (!total && is_odd(x, n->size)) return 1;
    return total;
}
"""


def changes_of(line: int) -> list[str]:
    return [mutant.after.strip() for mutant in mutants(CODE) if mutant.line == line]


def test_operators_and_numbers_are_changed_one_at_a_time() -> None:
    assert changes_of(5) == ["int total = 1; // 3 + 4"]
    assert changes_of(6) == [
        "for (int i = 0; i <= n; i++) total += x[i] * 2;",
        "for (int i = 0; i < n; i++) total -= x[i] * 2;",
        "for (int i = 0; i < n; i++) total += x[i] / 2;",
        "for (int i = 1; i < n; i++) total += x[i] * 2;",
        "for (int i = 0; i < n; i++) total += x[i] * 3;",
    ]


def test_conditions_arguments_and_statements_are_changed() -> None:
    assert changes_of(8) == [
        "if (!total || is_odd(x, n->size)) return 1;",
        "if (!total && is_odd(x, n->size)) return 2;",
        "if (!total && is_odd(x, n->size)) return 0;",
        "if (total && is_odd(x, n->size)) return 1;",
        "if (!total && is_odd(n->size, x)) return 1;",
    ]
    assert changes_of(7) == [";"]


def test_comments_strings_directives_and_declarations_are_left_alone() -> None:
    assert [changes_of(line) for line in (1, 2, 3, 4, 9, 10)] == [[]] * 6
    assert len(silenced(CODE)) == len(CODE)
    assert silenced(CODE).count("\n") == CODE.count("\n")


def test_a_mutant_is_the_file_with_one_other_line() -> None:
    for mutant in mutants(CODE):
        lines, others = CODE.split("\n"), mutant.of(CODE).split("\n")
        differing = [i for i, (a, b) in enumerate(zip(lines, others, strict=True), 1) if a != b]
        assert differing == [mutant.line]
        assert lines[mutant.line - 1] == mutant.before
    assert Mutant(1, "a", "b").of("a\nc") == "b\nc"

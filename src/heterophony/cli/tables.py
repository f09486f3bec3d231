"""Tables on the terminal: numbers to the right, never broken."""

from collections.abc import Sequence

WIDTH = 100  # columns that a table may always take


def print_table(lines: Sequence[Sequence[str]]) -> None:
    """Prints rows of cells, of which the first are the titles; the first column is text."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not lines:
        return
    head, *rows = lines
    table = Table(box=None, header_style="bold", pad_edge=False)
    for place, title in enumerate(head):
        table.add_column(escape(title), justify="right" if place else "left", no_wrap=True)
    for cells in rows:
        table.add_row(*map(escape, cells))
    needed = sum(max(len(row[place]) for row in lines) + 2 for place in range(len(head)))
    Console(width=max(Console().width, WIDTH, needed)).print(table)

"""DuckDB reads the sales file, typed, into a table: duckdb_loader.py SALES DATABASE"""

import sys

import duckdb

from sales_file import AMOUNTS, BLANK, COLUMNS

TYPES = {column: "VARCHAR" for column in COLUMNS} | {"day": "DATE", "quantity": "INTEGER"}


def query(sales):
    """What selects the typed rows of the file."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    amounts = ", ".join(
        f"CAST(replace(replace({name}, '{BLANK}', ''), ',', '.') AS DOUBLE) AS {name}" for name in AMOUNTS
    )
    return f"""
        SELECT * REPLACE ({amounts})
        FROM read_csv('{sales}', delim = ';', header = true, encoding = 'latin-1', dateformat = '%d/%m/%Y', columns = {{{columns}}})"""


if __name__ == "__main__":
    sales, database = sys.argv[1:]
    with duckdb.connect(database) as connection:
        connection.execute(f"CREATE TABLE sales AS {query(sales)}")
        print(connection.execute("SELECT count(*) FROM sales").fetchall()[0][0])

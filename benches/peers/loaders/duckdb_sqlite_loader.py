"""DuckDB reads the sales file, typed, into an SQLite file: duckdb_sqlite_loader.py SALES DATABASE"""

import sys
from pathlib import Path

import duckdb
import duckdb_extension_sqlite_scanner as scanner

from duckdb_loader import query

sales, database = sys.argv[1:]
extension = next(Path(scanner.__file__).parent.rglob("*.duckdb_extension"))
with duckdb.connect() as connection:
    connection.execute(f"LOAD '{extension}'; ATTACH '{database}' AS estate (TYPE sqlite)")
    connection.execute(f"CREATE TABLE estate.sales AS {query(sales)}")

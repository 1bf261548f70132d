"""pandas reads the sales file, typed, into an SQLite file: pandas_loader.py SALES DATABASE"""

import sqlite3
import sys

import pandas

from sales_file import AMOUNTS, BLANK, COLUMNS

sales, database = sys.argv[1:]
frame = pandas.read_csv(
    sales,
    sep=";",
    encoding="cp1252",
    header=0,
    names=COLUMNS,
    dtype={"customer": str},
    parse_dates=["day"],
    date_format="%d/%m/%Y",
)
for amount in AMOUNTS:
    plain = frame[amount].str.replace(BLANK, "").str.replace(",", ".")
    frame[amount] = plain.astype(float)
with sqlite3.connect(database) as connection:
    frame.to_sql("sales", connection, index=False)

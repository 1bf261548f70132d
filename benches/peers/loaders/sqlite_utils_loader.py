"""sqlite-utils upserts the sales file, as text, into an SQLite file: sqlite_utils_loader.py SALES DATABASE"""

import csv
import sys

from sqlite_utils import Database

from sales_file import COLUMNS

sales, database = sys.argv[1:]
with open(sales, encoding="cp1252", newline="") as file:
    lines = csv.DictReader(file, COLUMNS, delimiter=";")
    next(lines)
    Database(database)["sales"].upsert_all(lines, pk="line")

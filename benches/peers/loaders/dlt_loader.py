"""dlt merges the sales file, read by Arrow and typed, into an SQLite file: dlt_loader.py SALES DATABASE"""

import sys
from pathlib import Path

import dlt
import pyarrow
from dlt.destinations import sqlalchemy
from pyarrow import compute, csv

from sales_file import AMOUNTS, BLANK, COLUMNS

TYPES = {column: pyarrow.string() for column in COLUMNS} | {"quantity": pyarrow.int64()}


@dlt.resource(name="sales", write_disposition="merge", primary_key="line")
def lines(sales):
    """The lines of the file, batch by batch."""
    reader = csv.open_csv(
        sales,
        read_options=csv.ReadOptions(column_names=COLUMNS, skip_rows=1, encoding="cp1252", block_size=16 * 1024 * 1024),
        parse_options=csv.ParseOptions(delimiter=";"),
        convert_options=csv.ConvertOptions(column_types=TYPES),
    )
    for batch in reader:
        yield typed(pyarrow.Table.from_batches([batch]))


def typed(table):
    """Days and amounts out of the texts that the file holds."""
    day = compute.strptime(table["day"], format="%d/%m/%Y", unit="s").cast(pyarrow.date32())
    table = table.set_column(COLUMNS.index("day"), "day", day)
    for name in AMOUNTS:
        plain = compute.replace_substring(compute.replace_substring(table[name], BLANK, ""), ",", ".")
        table = table.set_column(COLUMNS.index(name), name, plain.cast(pyarrow.float64()))
    return table


sales, database = sys.argv[1:]
pipeline = dlt.pipeline(
    pipeline_name="estate",
    pipelines_dir=str(Path("pipelines").resolve()),
    destination=sqlalchemy(f"sqlite:///{Path(database).resolve()}"),
    dataset_name="main",
)
pipeline.run(lines(sales)).raise_on_failed_jobs()

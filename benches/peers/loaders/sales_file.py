"""What every loader has to know of the sales file."""

COLUMNS = ["line", "document", "customer", "wine", "day", "quantity", "unit", "price", "total", "channel"]
AMOUNTS = ["price", "total"]
# Between thousands.
BLANK = "\u00a0"

# delete_dropped_orders.py
import sys
from sync_orders import is_broken, read_rows, sync
from tickets_api import export_tickets

[path, prefix] = [argument for argument in sys.argv[1:] if argument != "--yes"]
rows = [row for _, row in read_rows(path)]
if not prefix or any(is_broken(row) for row in rows):
    sys.exit("A row of the file is broken, or the prefix is empty. Nothing was deleted.")
kept = {row["reference"] for row in rows}
references = [ticket["preparer_external_reference"] for ticket in export_tickets()]
own = {reference for reference in references if reference.startswith(prefix)}
dropped = sorted(own - kept)
if len(dropped) * 10 > len(own) and "--yes" not in sys.argv:
    sys.exit(f"{len(dropped)} of {len(own)} tickets have no order in {path}. Look at the file, then add --yes.")
sync((reference, {"preparer_external_reference": reference, "deleted": True}) for reference in dropped)

# delete_dropped_orders.py
import sys
from sync_orders import read_orders, sync
from tickets_api import export_tickets

arguments = [argument for argument in sys.argv[1:] if argument != "--yes"]
if len(arguments) != 2 or not arguments[1]:
    sys.exit("Name the file and the prefix. Without a prefix, this program would delete the tickets of others.")
path, prefix = arguments
kept = set()
for line, reference, _ in read_orders(path):
    if not reference:
        sys.exit(f"Line {line} has no reference, or more or fewer columns than the first line. Nothing was deleted.")
    kept.add(reference)
references = [ticket["preparer_external_reference"] for ticket in export_tickets()]
own = {reference for reference in references if reference.startswith(prefix)}
dropped = sorted(own - kept)
if len(dropped) * 10 > len(own) and "--yes" not in sys.argv:
    sys.exit(f"{len(dropped)} of {len(own)} tickets have no order in {path}. Look at the file, then add --yes.")
sync((reference, {"preparer_external_reference": reference, "deleted": True}) for reference in dropped)

# sync_orders.py
import collections, csv, json, sys
from tickets_api import API, call

MAX_ORDERS = 500
MAX_LINES = 2000
RESULTS = {200: "changed", 201: "created", 204: "deleted", 410: "picked up"}
counts = dict.fromkeys(["created", "changed", "deleted", "unchanged", "picked up", "refused"], 0)


def number(text):
    """Returns a number. Other text stays as it is: the API says what is wrong with it."""
    return int(text) if text.isdecimal() else text


def order_of(row):
    """Turns a row of the file into an order. Change this function to match your columns."""
    products = [entry.partition(":") for entry in row["products"].split()]
    return {
        "preparer_external_reference": row["reference"],
        "customer_id": row["customer_id"],
        "vehicle_model_id": number(row["vehicle_model_id"]),
        "vin": row["vin"] or None,
        "voucher_code": row["voucher_code"] or None,
        "product_lines": [{"product_id": product, "quantity": number(quantity or "1")}
                          for product, _, quantity in products],
        "deleted": {"": False, "yes": True}.get(row["cancelled"], row["cancelled"]),
    }


def read_rows(path):
    """Returns the rows of the file, each with the number of its line."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        return [(reader.line_num, row) for row in reader]


def is_broken(row):
    """Returns whether a row has no reference, or not the columns of the first line."""
    return not row["reference"] or None in row or None in row.values()


def refuse(name, reason):
    counts["refused"] += 1
    print(f"{name}: refused, {reason}", flush=True)


def orders_of(rows):
    """Returns the orders of the file, each with its name in the report. Refuses rows that must not be sent."""
    uses = collections.Counter(row["reference"] for _, row in rows)
    for line, row in rows:
        name = f"line {line}, {row['reference']}"
        if is_broken(row):
            refuse(name, "The row has no reference, or more or fewer columns than the first line.")
        elif uses[row["reference"]] > 1:
            refuse(name, "Another row has the same reference.")
        else:
            yield name, order_of(row)


def parts_of(orders):
    """Divides orders into parts of which each fits into one sync."""
    part, lines = [], 0
    for name, order in orders:
        own = len(order.get("product_lines", []))
        if len(part) == MAX_ORDERS or lines + own > MAX_LINES:
            yield part
            part, lines = [], 0
        part.append((name, order))
        lines += own
    yield part


def reasons_of(result):
    """Returns why an order was refused."""
    for reason in result.get("violations") or [result.get("problem", {"detail": "See the rows above."})]:
        place = "/".join(reason.get("pointer", "").split("/")[3:])
        yield f"{place}: {reason['detail']}" if place else reason["detail"]


def report(name, order, result):
    """Counts what became of an order. Prints changes, refusals, and deletions that come too late."""
    what = RESULTS.get(result["status"], "refused")
    if what == "refused":
        refuse(name, " ".join(reasons_of(result)))
        return
    if result.get("changed") is False:
        what = "unchanged"
    counts[what] += 1
    if what == "picked up" and order["deleted"]:
        print(f"{name}: not deleted, because the customer picked it up", flush=True)
    elif result.get("changed"):
        print(f"{name}: {what}", flush=True)


def sync(orders):
    """Sends one sync after the other, because an older one must not undo a newer one. Ends with a summary."""
    for part in filter(None, parts_of(orders)):
        body = {"prepared_tickets": [order for _, order in part]}
        _, _, text = call("POST", API + "/v2/tickets/prepared-ticket-syncs", body)
        for (name, order), result in zip(part, json.loads(text)["result"]):
            report(name, order, result)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    sys.exit(2 if counts["refused"] else 0)


if __name__ == "__main__":
    sync(orders_of(read_rows(sys.argv[1])))

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


def read_orders(path):
    """Returns the line, the reference and the order of each row. Without the right columns, a row has no reference."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        for row in reader:
            order = {} if None in row or None in row.values() else order_of(row)
            yield reader.line_num, order.get("preparer_external_reference"), order


def refuse(name, reason):
    counts["refused"] += 1
    print(f"{name}: refused, {reason}", flush=True)


def named(rows):
    """Returns the orders of the file, each with its name in the report. Refuses rows that must not be sent."""
    uses = collections.Counter(reference for _, reference, _ in rows)
    for line, reference, order in rows:
        if not reference:
            refuse(f"line {line}", "The row has no reference, or more or fewer columns than the first line.")
        elif uses[reference] > 1:
            refuse(f"line {line}, {reference}", "Another row has the same reference.")
        else:
            yield f"line {line}, {reference}", order


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
    for reason in result.get("violations") or [result["problem"]]:
        place = "/".join(reason.get("pointer", "").split("/")[3:])
        yield f"{place}: {reason['detail']}" if place else reason["detail"]


def comparable(name, value):
    """Returns the value of a member in the form that equal values share."""
    if name == "product_lines":
        return sorted((line["product_id"].lower(), line["quantity"]) for line in value)
    return value.lower() if name in ("customer_id", "vin") and value else value


def compare(order, path):
    """Says in which members an order differs from the ticket that was picked up."""
    ticket = json.loads(call("GET", API + path)[2])
    ticket["product_lines"] = json.loads(call("GET", API + path + "/product-lines?limit=1000")[2])["result"]
    names = [name for name, value in order.items()
             if name in ticket and comparable(name, value) != comparable(name, ticket[name])]
    if names:
        return "not changed, because the customer picked it up; the order differs in " + ", ".join(names)
    return "picked up; the order does not differ"


def report(name, order, result):
    """Counts what became of an order. Prints changes, refusals, and orders that the customer has picked up."""
    what = RESULTS.get(result["status"], "refused")
    if what == "refused":
        refuse(name, " ".join(reasons_of(result)))
        return
    if result.get("changed") is False:
        what = "unchanged"
    counts[what] += 1
    if what == "picked up" and order["deleted"]:
        print(f"{name}: not deleted, because the customer picked it up", flush=True)
    elif what == "picked up":
        print(f"{name}: {compare(order, result['problem']['ticket'])}", flush=True)
    elif result.get("changed"):
        print(f"{name}: {what}", flush=True)


def send_part(part):
    """Sends a sync. Returns the refused orders without reasons, because a response lists at most 100 violations."""
    body = {"prepared_tickets": [order for _, order in part]}
    _, _, text = call("POST", API + "/v2/tickets/prepared-ticket-syncs", body)
    without_reasons = []
    for (name, order), result in zip(part, json.loads(text)["result"]):
        if result.get("violations") == []:
            without_reasons.append((name, order))
        else:
            report(name, order, result)
    return without_reasons


def sync(orders):
    """Sends one sync after the other, because an older one must not undo a newer one. Ends with a summary."""
    for part in parts_of(orders):
        while part:
            part = send_part(part)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    sys.exit(2 if counts["refused"] else 0)


if __name__ == "__main__":
    sync(named(list(read_orders(sys.argv[1]))))

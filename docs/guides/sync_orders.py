# sync_orders.py
import csv, http.client, json, os, sys, time
import urllib.error, urllib.parse, urllib.request

API = os.environ["API"]
STATE = "sync-state.json"


def send(method, path, body, headers, attempts=10):
    """Sends a request. Waits and repeats it while the API asks for that or does not respond."""
    for attempt in range(attempts):
        request = urllib.request.Request(API + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            if error.code != 429 and error.code < 500:
                return error.code, error.read()
            time.sleep(int(error.headers.get("Retry-After", "5")))
        except (OSError, http.client.HTTPException):
            time.sleep(min(2 ** attempt, 60))
    sys.exit("The API does not respond. Run the script again later.")


def access_token():
    form = {"grant_type": "client_credentials", "client_id": os.environ["CLIENT_ID"],
            "client_secret": os.environ["CLIENT_SECRET"]}
    status, body = send("POST", "/oauth2/token", urllib.parse.urlencode(form).encode(), {})
    return json.loads(body)["access_token"] if status == 200 else sys.exit(body.decode())


token = access_token()


def call(method, reference, ticket=None, attempts=2):
    """Sends a request about the ticket of an order. Gets a new token if the current one has expired."""
    global token
    path = "/v2/tickets/prepared-tickets/by-reference/" + urllib.parse.quote(reference, safe="")
    body = None if ticket is None else json.dumps(ticket).encode()
    headers = {"Authorization": "Bearer " + token, "x-api-key": os.environ["API_KEY"],
               "Content-Type": "application/json"}
    status, answer = send(method, path, body, headers)
    if status == 401 and json.loads(answer)["type"] == "/problems/token-expired" and attempts > 1:
        token = access_token()
        return call(method, reference, ticket, attempts - 1)
    return status, answer


def ticket(row):
    """Turns a row of the file into a ticket. Change this function to match your columns."""
    return {
        "customer_id": row["customer_id"],
        "vehicle_model_id": int(row["vehicle_model_id"]),
        "vin": row["vin"] or None,
        "voucher_code": row["voucher_code"] or None,
        "product_lines": [{"product_id": product, "quantity": 1} for product in row["products"].split()],
    }


def reject(reference, answer):
    problem = json.loads(answer)
    for violation in problem.get("violations", [problem]):
        print(reference, violation.get("pointer", ""), violation["detail"])
    counts["rejected"] += 1


def read_orders(path):
    """Reads the rows of the file by their reference."""
    orders = {}
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["reference"] in orders:
                sys.exit("Two rows have the reference " + row["reference"] + ". Send one row for each order.")
            orders[row["reference"]] = row
    return orders


orders = read_orders(sys.argv[1])
sent = json.load(open(STATE)) if os.path.exists(STATE) else {}
counts = dict.fromkeys(["created", "updated", "unchanged", "picked up", "deleted", "rejected"], 0)
try:
    for reference, row in orders.items():
        try:
            wanted = ticket(row)
        except ValueError as error:
            print(reference, error)
            counts["rejected"] += 1
            continue
        if sent.get(reference) == wanted:
            counts["unchanged"] += 1
            continue
        status, answer = call("PUT", reference, wanted)
        if status in (200, 201, 410):
            sent[reference] = wanted
            counts[{200: "updated", 201: "created", 410: "picked up"}[status]] += 1
        elif status == 400 or status == 409:
            reject(reference, answer)
        else:
            sys.exit(answer.decode())
    for reference in [reference for reference in sent if reference not in orders]:
        status, answer = call("DELETE", reference)
        # 404: it was deleted before. 410: the customer picked it up, so there is nothing left to delete.
        if status not in (204, 404, 410):
            sys.exit(answer.decode())
        del sent[reference]
        counts["deleted"] += 1
finally:
    # If this file is lost, a repetition does no harm: a PUT with the same body leaves the same ticket.
    with open(STATE, "w") as file:
        json.dump(sent, file)
print(", ".join(f"{count} {what}" for what, count in counts.items()))

# import_tickets.py
import csv, json, os, sys, time, uuid
import urllib.error, urllib.parse, urllib.request

API = os.environ["API"]
STATE = "import-state.json"
BATCH = 500


def send(path, body, headers, attempts=10):
    """Sends a POST request. Waits and repeats it while the API asks for that or does not respond."""
    for attempt in range(attempts):
        request = urllib.request.Request(API + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                return error.code, json.load(error)
            time.sleep(int(error.headers.get("Retry-After", "5")))
        except OSError:
            time.sleep(min(2 ** attempt, 60))
    sys.exit("The API does not respond. Run the script again later: it continues where it stopped.")


def access_token():
    form = {"grant_type": "client_credentials", "client_id": os.environ["CLIENT_ID"],
            "client_secret": os.environ["CLIENT_SECRET"]}
    status, body = send("/oauth2/token", urllib.parse.urlencode(form).encode(), {})
    return body["access_token"] if status == 200 else sys.exit(json.dumps(body))


def ticket(row):
    """Turns a row of the file into a ticket. Change this function to match your columns."""
    return {
        "customer_id": row["customer_id"],
        "vehicle_model_id": int(row["vehicle_model_id"]),
        "vin": row["vin"] or None,
        "voucher_code": row["voucher_code"] or None,
        "preparer_external_reference": row["reference"],
        "product_lines": [{"product_id": product, "quantity": 1} for product in row["products"].split()],
    }


def save(state):
    with open(STATE + ".new", "w") as file:
        json.dump(state, file)
    os.replace(STATE + ".new", STATE)


rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
state = json.load(open(STATE)) if os.path.exists(STATE) else {"done": 0, "key": None, "rejected": 0}
token = access_token()
while state["done"] < len(rows):
    batch = rows[state["done"]:state["done"] + BATCH]
    # The key is saved before the batch is sent. A repetition then has the same key.
    state["key"] = state["key"] or str(uuid.uuid4())
    save(state)
    body = json.dumps({"prepared_tickets": [ticket(row) for row in batch]}).encode()
    status, response = send("/v2/tickets/prepared-ticket-batches", body, {
        "Authorization": "Bearer " + token, "x-api-key": os.environ["API_KEY"],
        "Content-Type": "application/json", "Prefer": "handling=lenient",
        "Idempotency-Key": '"' + state["key"] + '"'})
    if status == 401:
        token = access_token()
        continue
    if status != 200:
        sys.exit(json.dumps(response, indent=2))
    full = [result["problem"] for result in response["result"] if result["status"] == 409]
    if full:
        # Nothing was created. The batch is sent again with a new key when the script runs again.
        state["key"] = None
        save(state)
        sys.exit(json.dumps(full[0], indent=2))
    for number, (row, result) in enumerate(zip(batch, response["result"]), start=state["done"] + 2):
        if result["status"] == 400:
            state["rejected"] += 1
            print(f"line {number}, {row['reference']}: {json.dumps(result['violations'])}", file=sys.stderr)
    state["done"] += len(batch)
    state["key"] = None
    save(state)
print(f"{state['done']} rows sent, {state['rejected']} of them rejected.")

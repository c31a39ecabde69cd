/** A script that sends a CSV file in batches and can be interrupted at any time; Python 3.9 or later. */
const script = `# import_tickets.py
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
print(f"{state['done']} rows sent, {state['rejected']} of them rejected.")`;

/** How a new partner brings in the tickets that it has. */
export const moveTickets = `## Move your tickets here

This guide imports a file of tickets, 500 in each request and about a hundred thousand in a few minutes. You can interrupt the import at any time and run it again. It continues where it stopped, and no ticket is created twice.

1. Export your open orders to a CSV file. The script below expects these columns; \`products\` lists the product identifiers of a ticket, separated by spaces.

\`\`\`sh
cat > tickets.csv <<'END'
reference,customer_id,vehicle_model_id,vin,voucher_code,products
ORDER-2001,160c0c4b-9966-4dc1-a916-8407eb10d74e,4711,JH4KA7630PC007649,WQ4MM3,c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3
ORDER-2002,160c0c4b-9966-4dc1-a916-8407eb10d74e,4711,,,c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3 5f0c7b1e-2a64-4b1d-9a53-0d2c1f6e8b47
ORDER-2003,160c0c4b-9966-4dc1-a916-8407eb10d74e,4711,TOO-SHORT,,
END
\`\`\`

2. Save this script as \`import_tickets.py\`. It needs Python 3.9 or later and no package. It sends the batches with \`Prefer: handling=lenient\`, so one wrong row does not hold up the 499 others. Each batch has an idempotency key, which the script saves before it sends the batch. Keys of batches are kept for 30 days.

\`\`\`python
${script}
\`\`\`

3. Run it. It prints each rejected row with its violations, here the VIN of the third row.

\`\`\`sh
python3 import_tickets.py tickets.csv
\`\`\`

4. Correct the rejected rows in a new file, remove \`import-state.json\`, and run the script with the new file.

**What can go wrong.** A batch is either created as a whole or not at all, also if the connection breaks. If the script stops, run it again with the same file: it sends the unfinished batch again with the same key, and the API returns the first response instead of creating the tickets again. Do not change the file between the two runs. A different body with the same key returns 422. A lenient batch uses up its key even if it creates nothing, because its response is a success: after you correct the rows, send them with a new key, or you get the old rejections again. The script does that, because you remove its state. If your quota of prepared tickets is reached, the script prints the problem and stops; when you may create more, run it again with the same file.`;

# follow_changes.py
import http.client, json, os, re, sys, time
import urllib.error, urllib.parse, urllib.request

API = os.environ["API"]
EVENTS = API + "/v2/system/events?after="
CURSOR_FILE = "follow_changes.py.cursor"
POLL_SECONDS = 30
token = None


def handle_event(event):
    """Does your work for an event. It can get the same event again, so it must tolerate a repetition."""
    print(event["sequence"], event["type"], event["subject"]["id"], flush=True)


def handle_ticket(ticket):
    """Updates your copy of a ticket. It gets every ticket on the first run, and after a 410."""


def send(url, headers, body=None):
    """Sends a request until the API responds. Waits as Retry-After says, or longer each time."""
    pause = 1
    while True:
        wait, reason = pause, None
        try:
            request = urllib.request.Request(url, data=body, headers=headers)
            try:
                response = urllib.request.urlopen(request, timeout=60)
            except urllib.error.HTTPError as error:
                response = error
            with response:
                text = response.read().decode()
            if response.code != 429 and response.code < 500:
                return response.code, response.headers, text
            reason = f"status {response.code}"
            if response.headers.get("Retry-After", "").isdigit():
                wait = int(response.headers["Retry-After"])
        except (OSError, http.client.HTTPException) as error:
            reason = error
        print(f"No result ({reason}). Trying again in {wait} s.", file=sys.stderr)
        time.sleep(wait)
        pause = min(pause * 2, 60)


def access_token():
    form = {"grant_type": "client_credentials", "client_id": os.environ["CLIENT_ID"],
            "client_secret": os.environ["CLIENT_SECRET"]}
    status, _, text = send(API + "/oauth2/token", {}, urllib.parse.urlencode(form).encode())
    return json.loads(text)["access_token"] if status == 200 else sys.exit(text)


def get(url, accepted=(200,), attempts=2):
    """Sends a GET request with both credentials. Gets a new token if the current one is not accepted."""
    global token
    token = token or access_token()
    status, headers, text = send(url, {"Authorization": "Bearer " + token, "x-api-key": os.environ["API_KEY"]})
    if status == 401 and attempts > 1:
        token = None
        return get(url, accepted, attempts - 1)
    return (status, headers, text) if status in accepted else sys.exit(text)


def resynchronise():
    """Reads all tickets. Returns a cursor from before that, so that no change in between is missed."""
    cursor = json.loads(get(EVENTS + "latest")[2])["next"]
    count, url = 0, API + "/v2/tickets/prepared-ticket-export"
    while url:
        _, headers, text = get(url)
        for line in text.splitlines():
            handle_ticket(json.loads(line))
            count += 1
        following = re.search('<([^>]*)>; rel="next"', headers.get("Link", ""))
        url = following and following[1]
    print(f"Read {count} tickets.", flush=True)
    return cursor


def save(cursor):
    """Replaces the file as a whole, so that it is complete even if the program is stopped meanwhile."""
    with open(CURSOR_FILE + ".new", "w") as file:
        file.write(cursor)
    os.replace(CURSOR_FILE + ".new", CURSOR_FILE)


if not os.path.exists(CURSOR_FILE):
    save(resynchronise())
cursor = open(CURSOR_FILE).read()
while True:
    status, _, text = get(EVENTS + cursor, accepted=(200, 410))
    if status == 410:
        cursor = resynchronise()
        save(cursor)
        continue
    page = json.loads(text)
    for event in page["result"]:
        handle_event(event)
    cursor = page["next"]
    save(cursor)
    if not page["result"]:
        if "--once" in sys.argv:
            break
        time.sleep(POLL_SECONDS)

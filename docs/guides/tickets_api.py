# tickets_api.py
import http.client, json, os, re, sys, time
import urllib.error, urllib.parse, urllib.request

API = os.environ["API"]
max_attempts = 10
token = None


def send(method, url, headers, body=None):
    """Sends a request until the API responds. Waits as Retry-After says, and longer each time."""
    wait = 0
    for attempt in range(max_attempts):
        time.sleep(wait)
        wait = min(2 ** attempt, 60)
        try:
            request = urllib.request.Request(url, data=body, headers=headers, method=method)
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
                wait = max(wait, int(response.headers["Retry-After"]))
        except (OSError, http.client.HTTPException) as error:
            reason = error
        print(f"No result ({reason}).", file=sys.stderr)
    sys.exit("The API does not respond. Run the program again later.")


def access_token():
    form = {"grant_type": "client_credentials", "client_id": os.environ["CLIENT_ID"],
            "client_secret": os.environ["CLIENT_SECRET"]}
    status, _, text = send("POST", API + "/oauth2/token", {}, urllib.parse.urlencode(form).encode())
    return json.loads(text)["access_token"] if status == 200 else sys.exit(text)


def call(method, url, body=None, accepted=(200,), attempts=2):
    """Sends a request with both credentials. Gets a new token if the current one is not accepted."""
    global token
    token = token or access_token()
    credentials = {"Authorization": "Bearer " + token, "x-api-key": os.environ["API_KEY"]}
    content = None if body is None else json.dumps(body).encode()
    status, headers, text = send(method, url, {"Content-Type": "application/json", **credentials}, content)
    if status == 401 and attempts > 1:
        token = None
        return call(method, url, body, accepted, attempts - 1)
    return (status, headers, text) if status in accepted else sys.exit(text)


def export_tickets():
    """Returns all your prepared tickets with their product lines, page after page."""
    url = API + "/v2/tickets/prepared-ticket-export"
    while url:
        _, headers, text = call("GET", url)
        yield from map(json.loads, filter(None, text.split("\n")))
        following = re.search('<([^>]*)>; rel="next"', headers.get("Link", ""))
        url = following and following[1]

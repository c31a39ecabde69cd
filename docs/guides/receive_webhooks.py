# receive_webhooks.py
import base64, hashlib, hmac, http.server, json, os, sys, time

known = set()  # Use a table of your database instead.


def handle_event(event):
    """Does your work for an event. If it raises an exception, the event comes again."""
    print(event["type"], event["subject"]["id"], flush=True)


def is_genuine(headers, body):
    """Returns whether this API has signed a message within the last five minutes."""
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    secret = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id')}.{timestamp}.".encode() + body
    signature = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    # During a rotation there are two signatures, separated by a space.
    received = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(signature.encode(), one.encode()) for one in received)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_OPTIONS(self):
        # The API asks before it sends anything. You know the secret only after you have agreed.
        self.send_response(204)
        self.send_header("WebHook-Allowed-Origin", "*")
        self.end_headers()

    def do_POST(self):
        # Verify the bytes as they came. JSON that was parsed and written again has another signature.
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        genuine = is_genuine(self.headers, body)
        if genuine:
            event = json.loads(body)["data"]
            if event["id"] not in known:
                handle_event(event)
                known.add(event["id"])
        self.send_response(204 if genuine else 400)
        self.end_headers()

    def log_message(self, format, *args):
        """Prints no line for each request."""


server = http.server.HTTPServer(("", int(os.environ["PORT"])), Receiver)
if "--once" in sys.argv:
    server.handle_request()
else:
    server.serve_forever()

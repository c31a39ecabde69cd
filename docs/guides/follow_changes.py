# follow_changes.py
import json, os, sys, time
import tickets_api
from tickets_api import API, call, export_tickets

TYPES = "prepared_ticket.created,prepared_ticket.deleted,prepared_ticket.picked_up,prepared_ticket.updated"
EVENTS = API + "/v2/system/events?type=" + TYPES + "&after="
CURSOR_FILE = "follow_changes.py.cursor"
POLL_SECONDS = 30
tickets_api.max_attempts = sys.maxsize


def handle_event(event):
    """Does your work for an event. It can get the same event again, so it must tolerate a repetition."""
    print(event["sequence"], event["type"], event["subject"]["preparer_external_reference"], flush=True)


def handle_ticket(ticket):
    """Updates your copy of a ticket. It gets every ticket on the first run, and after a 410."""


def resynchronise():
    """Reads all tickets. Returns a cursor from before that, so that no change in between is missed."""
    cursor = json.loads(call("GET", EVENTS + "latest")[2])["next"]
    count = 0
    for ticket in export_tickets():
        handle_ticket(ticket)
        count += 1
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
    status, _, text = call("GET", EVENTS + cursor, accepted=(200, 410))
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

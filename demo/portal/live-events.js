/**
 * Follows the list of events while the page is open. Without this script, the link "Refresh" does the same
 * by hand.
 */

const INTERVAL_MS = 3_000;

const list = document.querySelector('#events');
const status = document.querySelector('#live-status');
const button = document.querySelector('#pause');
let isPaused = false;

/** Fetches the page again and shows its list. */
async function refresh() {
  const response = await fetch(location.href);
  if (!response.ok) {
    throw new Error(`The portal returned ${response.status}.`);
  }
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const current = page.querySelector('#events');
  const before = list.dataset.newest;
  if (current.dataset.newest !== before) {
    const count = Number(current.dataset.newest) - Number(before);
    list.replaceChildren(...current.childNodes);
    list.dataset.newest = current.dataset.newest;
    status.textContent = count === 1 ? '1 new event.' : `${count} new events.`;
  }
}

async function run() {
  if (!isPaused && !document.hidden) {
    await refresh().catch(() => {
      status.textContent = 'The portal does not respond. Trying again.';
    });
  }
  setTimeout(run, INTERVAL_MS);
}

button.hidden = false;
button.addEventListener('click', () => {
  isPaused = !isPaused;
  button.textContent = isPaused ? 'Resume' : 'Pause';
  status.textContent = isPaused ? 'Paused.' : 'New events appear by themselves.';
});
status.textContent = 'New events appear by themselves.';
setTimeout(run, INTERVAL_MS);

/** @jsxImportSource hono/jsx */

/** Why the API refused to pick up a ticket, by the status of its response, and what it calls that. */
const refusals = {
  404: {
    text: 'This customer has no such ticket. It was deleted, or it belongs to another customer.',
    name: 'Not Found',
  },
  409: {
    text: 'This ticket is not ready any more. See below what it lacks.',
    name: <a href="/problems/not-ready">/problems/not-ready</a>,
  },
  412: {
    text: 'This ticket changed after the page was loaded. Look at it again before you pick it up.',
    name: 'Precondition Failed',
  },
};

/** The statuses that have a message. */
export type RefusalStatus = `${keyof typeof refusals}`;

/** Returns whether a status has a message. */
export const isRefusalStatus = (status: string | undefined): status is RefusalStatus =>
  status !== undefined && Object.hasOwn(refusals, status);

/** The message that a ticket was picked up. */
export function PickedUpMessage({ number }: { number: number }) {
  return (
    <div class="message" role="status">
      <p>
        Ticket {number} was picked up. <a href="/portal/events">See its event</a>
      </p>
    </div>
  );
}

/** The message that a ticket was not picked up. */
export function RefusalMessage({ status }: { status: RefusalStatus }) {
  const { text, name } = refusals[status];
  return (
    <div class="message failure" role="alert">
      <p>{text}</p>
      <p class="note">
        The API returned {status} {name}.
      </p>
    </div>
  );
}

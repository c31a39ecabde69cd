/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { CustomerTickets, Some } from '../tickets.ts';
import { customerName, type Names } from './format.ts';
import { document } from './layout.tsx';
import { PickedUpMessage, RefusalMessage, type RefusalStatus } from './messages.tsx';
import { IncompleteTicket, OwnTicket, ReadyTicket } from './ticket.tsx';

interface View {
  readonly id: string;
  readonly names: Names;
  readonly tickets: CustomerTickets;
  /** The id of the ticket that was just picked up. */
  readonly pickedUpId: string | undefined;
  /** The status with which the API just refused to pick up a ticket. */
  readonly refused: RefusalStatus | undefined;
}

/** Says that a list is longer than what the page shows of it. */
function Rest({ list: { result, total }, what }: { list: Some<unknown>; what: string }) {
  return total > result.length ? (
    <p class="note">
      The page shows the newest {result.length} of {total} {what}.
    </p>
  ) : null;
}

function Section({ id, heading, children }: { id: string; heading: string; children?: Child }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{heading}</h2>
      {children}
    </section>
  );
}

/** Returns the page of a customer: what the customer sees, and what a partner wants to know beside it. */
export function customerPage({ id, names, tickets, pickedUpId, refused }: View) {
  const { prepared, pickedUp } = tickets;
  const ready = prepared.result.filter(({ missing }) => missing.length === 0);
  const incomplete = prepared.result.filter(({ missing }) => missing.length > 0);
  const justPickedUp = pickedUp.result.find((ticket) => ticket.id === pickedUpId);
  return document(
    customerName(names, id),
    <>
      <p class="lead">
        Customer <code>{id}</code>
      </p>
      {refused !== undefined && <RefusalMessage status={refused} />}
      {justPickedUp !== undefined && <PickedUpMessage number={justPickedUp.ticket_number} />}
      <Section id="ready" heading="Ready to pick up">
        {ready.length === 0 ? (
          <p class="note">No ticket is ready for this customer.</p>
        ) : (
          <ul class="tickets">
            {ready.map((ticket) => (
              <ReadyTicket ticket={ticket} names={names} />
            ))}
          </ul>
        )}
        <Rest list={prepared} what="prepared tickets" />
      </Section>
      <Section id="picked-up" heading="Picked up">
        {pickedUp.result.length === 0 ? (
          <p class="note">This customer has not picked up a ticket.</p>
        ) : (
          <ul class="tickets">
            {pickedUp.result.map((ticket) => (
              <OwnTicket ticket={ticket} names={names} />
            ))}
          </ul>
        )}
        <Rest list={pickedUp} what="tickets" />
      </Section>
      {incomplete.length > 0 && (
        <Section id="incomplete" heading="Not visible to the customer yet">
          <p class="note">A ticket appears to the customer as soon as it lacks nothing.</p>
          <ul class="tickets">
            {incomplete.map((ticket) => (
              <IncompleteTicket ticket={ticket} names={names} />
            ))}
          </ul>
        </Section>
      )}
    </>,
  );
}

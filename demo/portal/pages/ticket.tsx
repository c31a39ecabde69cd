/** @jsxImportSource hono/jsx */
import type { PickedUpTicket, ShownTicket } from '../tickets.ts';
import { missingText, modelName, type Names, readableTime, serviceName } from './format.ts';

function Vehicle({ ticket, names }: { ticket: ShownTicket | PickedUpTicket; names: Names }) {
  return (
    <p>
      {modelName(names, ticket.vehicle_model_id)}
      {ticket.vin !== null && <code>{ticket.vin}</code>}
    </p>
  );
}

function Lines({ ticket: { lines }, names }: { ticket: ShownTicket; names: Names }) {
  return (
    <p>
      {lines
        .map(({ product_id, quantity }) =>
          quantity === 1
            ? serviceName(names, product_id)
            : `${serviceName(names, product_id)} × ${quantity}`,
        )
        .join(' · ')}
    </p>
  );
}

/** A ticket that the customer can pick up. */
export function ReadyTicket({ ticket, names }: { ticket: ShownTicket; names: Names }) {
  return (
    <li>
      <div>
        <h3>Ticket {ticket.ticket_number}</h3>
        <Vehicle ticket={ticket} names={names} />
        <Lines ticket={ticket} names={names} />
      </div>
      <form method="post" action={`/portal/customers/${ticket.customer_id}`}>
        <input type="hidden" name="ticket_id" value={ticket.id} />
        <input type="hidden" name="etag" value={ticket.etag} />
        <button type="submit">
          Pick up<span class="visually-hidden"> ticket {ticket.ticket_number}</span>
        </button>
      </form>
    </li>
  );
}

/** A ticket that the customer does not see. */
export function IncompleteTicket({ ticket, names }: { ticket: ShownTicket; names: Names }) {
  return (
    <li>
      <div>
        <h3>Ticket {ticket.ticket_number}</h3>
        <Vehicle ticket={ticket} names={names} />
        {ticket.lines.length > 0 && <Lines ticket={ticket} names={names} />}
      </div>
      <p class="note">Lacks {missingText(ticket.missing)}</p>
    </li>
  );
}

/** A ticket that the customer picked up. */
export function OwnTicket({ ticket, names }: { ticket: PickedUpTicket; names: Names }) {
  return (
    <li>
      <div>
        <h3>Ticket {ticket.ticket_number}</h3>
        <Vehicle ticket={ticket} names={names} />
      </div>
      <p class="note">
        <span class="state">{ticket.state}</span>
        <time datetime={ticket.picked_up_at}>{readableTime(ticket.picked_up_at)}</time>
      </p>
    </li>
  );
}

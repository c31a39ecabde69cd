/** @jsxImportSource hono/jsx */
import type { CustomerSummary } from '../tickets.ts';
import { customerName, type Names } from './format.ts';
import { document } from './layout.tsx';

function Customer({ customer, names }: { customer: CustomerSummary; names: Names }) {
  const { id, prepared, pickedUp } = customer;
  return (
    <li>
      <a href={`/portal/customers/${id}`}>{customerName(names, id)}</a>
      <span class="note">
        {prepared} prepared, {pickedUp} picked up
      </span>
    </li>
  );
}

/** Returns the page on which one chooses a customer. */
export function customersPage(customers: readonly CustomerSummary[], names: Names) {
  const sorted = customers.toSorted((a, b) =>
    customerName(names, a.id).localeCompare(customerName(names, b.id), 'en'),
  );
  return document(
    'Choose a customer',
    <>
      <p class="lead">
        See the tickets that one of your customers sees, and pick one up in the customer’s place.
      </p>
      {sorted.length === 0 ? (
        <p>No customer has a ticket yet. Create a prepared ticket through the API.</p>
      ) : (
        <ul class="customers">
          {sorted.map((customer) => (
            <Customer customer={customer} names={names} />
          ))}
        </ul>
      )}
    </>,
    { path: '/portal' },
  );
}

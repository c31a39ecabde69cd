/** Customers of the partner; those of the tickets of one batch are all distinct. */
const CUSTOMERS = 2_000;
/** One ticket in this many has no VIN. */
const WITHOUT_VIN = 50;

const digits = (value: number, length: number) => String(value).padStart(length, '0');

/** Returns the body of the ticket with this number, as a partner sends it. */
export function ticketAt(i: number) {
  return {
    customer_id: `00000000-0000-4000-8000-${digits(i % CUSTOMERS, 12)}`,
    vehicle_model_id: i % 1_000,
    vin: i % WITHOUT_VIN === 0 ? null : `VIN${digits(i, 14)}`,
    voucher_code: null,
    preparer_external_reference: `ERP-${i}`,
  };
}

/** Returns the bodies of this many tickets from the number `first` on. */
export function ticketsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, i) => ticketAt(first + i));
}

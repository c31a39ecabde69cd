import { createHash } from 'node:crypto';
import type { DemoPartner } from './demo-credentials.ts';
import { demoVehicles, demoVin } from './demo-vehicles.ts';

/** A ticket of a demo partner: the columns that the seed writes, and its product lines. */
export interface DemoTicket {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  readonly customer_id: string;
  readonly vehicle_model_id: number;
  readonly vin: string | null;
  readonly voucher_code: string | null;
  readonly preparer_external_reference: string;
  readonly lines: readonly { readonly product_id: string; readonly quantity: number }[];
}

const HOUR_MS = 3_600_000;
/** The mean time between two tickets. With it, the oldest ticket is some weeks old. */
const TICKET_SPACING_MS = 19 * HOUR_MS;

/** The names of the products, by the words that their ids are derived from. */
const products = {
  tyres: 'Tyre change',
  oil: 'Oil service',
  inspection: 'Inspection',
  brakes: 'Brake pads',
  wipers: 'Wiper blades',
};
const demoProducts = Object.keys(products).map((product) => nameUuid(`product/${product}`));

/** The names of the customers of the partner `demo`. */
const customers = [
  'Amelie Brandt',
  'Bogdan Ilić',
  'Chiara Ferrari',
  'Daniel Okafor',
  'Elif Yılmaz',
  'Frederik Holm',
  'Grace Whitfield',
  'Hugo Marchand',
  'Ines Carvalho',
];

const profiles = {
  demo: {
    tickets: 48,
    customers: customers.length,
    reference: (n: number) => `DYNAMICS_ERP_${3454662 + 37 * n}`,
  },
  other: { tickets: 30, customers: 6, reference: (n: number) => `CLAIM-${4100 + 13 * n}/Müller` },
} as const;

function digest(text: string): Buffer {
  return createHash('sha1').update(`prepared-tickets demo ${text}`).digest();
}

/** Returns a UUID that is derived from a name, like version 5 (RFC 9562 §5.5) but without a namespace id. */
function nameUuid(name: string): string {
  const bytes = digest(name).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function voucherCode(random: Buffer): string | null {
  if (random.readUInt8(4) >= 80) {
    return null;
  }
  return random.readUInt32BE(5).toString(36).toUpperCase().padStart(6, '0').slice(-6);
}

/** Returns one to three product lines. A line of tyres has the quantity 4. */
function lines(random: Buffer): DemoTicket['lines'] {
  const first = random.readUInt8(9) % demoProducts.length;
  const count = 1 + (random.readUInt8(10) % 3);
  return Array.from({ length: count }, (_, i) => {
    const product = (first + i * 2) % demoProducts.length;
    return { product_id: demoProducts[product] as string, quantity: product === 0 ? 4 : 1 };
  });
}

/**
 * Returns the tickets of a demo partner, oldest first. They are the same in each run except for
 * `created_at`: the newest ticket was created shortly before `now`.
 *
 * @param now milliseconds since 1970.
 */
export function demoTickets(partner: DemoPartner, now: number): DemoTicket[] {
  const { tickets, customers, reference } = profiles[partner];
  return Array.from({ length: tickets }, (_, n) => {
    const random = digest(`${partner}/ticket/${n}`);
    const vehicle = demoVehicles[
      random.readUInt8(0) % demoVehicles.length
    ] as (typeof demoVehicles)[0];
    return {
      id: nameUuid(`${partner}/ticket/${n}`),
      created_at:
        now -
        (tickets - n) * TICKET_SPACING_MS +
        (random.readUInt32BE(12) % (TICKET_SPACING_MS - HOUR_MS)),
      customer_id: nameUuid(`${partner}/customer/${random.readUInt8(1) % customers}`),
      vehicle_model_id: vehicle.model,
      // Some tickets are prepared before the VIN is known.
      vin: n % 24 === 7 ? null : demoVin(vehicle, random.readUInt16BE(2)),
      voucher_code: voucherCode(random),
      preparer_external_reference: reference(n),
      lines: lines(random),
    };
  });
}

/**
 * Returns names for the portal, by what they name: the id of a customer or of a product, or the number of a
 * vehicle model. They belong to the demo, because the API knows ids only.
 */
export function demoNames(): Record<string, string> {
  return Object.fromEntries([
    ...customers.map((name, n) => [nameUuid(`demo/customer/${n}`), name]),
    ...Object.entries(products).map(([product, name]) => [nameUuid(`product/${product}`), name]),
    ...demoVehicles.map(({ model, name }) => [String(model), name]),
  ]);
}

import { createHash } from 'node:crypto';
import type { DemoPartner } from './demo-credentials.ts';
import { demoVehicles, demoVin } from './demo-vehicles.ts';

/** A ticket as the seed writes it: members of the table, and its product lines. */
export interface DemoTicket {
  readonly id: string;
  readonly created_at: number;
  readonly customer_id: string;
  readonly vehicle_model_id: number;
  readonly vin: string | null;
  readonly voucher_code: string | null;
  readonly preparer_external_reference: string;
  readonly lines: readonly { readonly product_id: string; readonly quantity: number }[];
}

const HOUR = 3_600_000;
/** Tickets are this far apart, so that the oldest one is some weeks old. */
const SPACING = 19 * HOUR;

/** What a garage sells: tyre change, oil service, inspection, brake pads, wiper blades. */
const demoProducts = ['tyres', 'oil', 'inspection', 'brakes', 'wipers'].map((product) =>
  nameUuid(`product/${product}`),
);

const profiles = {
  demo: { tickets: 48, customers: 9, reference: (n: number) => `DYNAMICS_ERP_${3454662 + 37 * n}` },
  other: { tickets: 30, customers: 6, reference: (n: number) => `CLAIM-${4100 + 13 * n}/Müller` },
} as const;

function digest(text: string): Buffer {
  return createHash('sha1').update(`prepared-tickets demo ${text}`).digest();
}

/** A UUID made from a name, version 5 of RFC 9562 but for the name space. */
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

/** One to three lines; a set of tyres is four. */
function lines(random: Buffer): DemoTicket['lines'] {
  const first = random.readUInt8(9) % demoProducts.length;
  const count = 1 + (random.readUInt8(10) % 3);
  return Array.from({ length: count }, (_, i) => {
    const product = (first + i * 2) % demoProducts.length;
    return { product_id: demoProducts[product] as string, quantity: product === 0 ? 4 : 1 };
  });
}

/**
 * The tickets of a demo partner, oldest first: the same ones each time, but for `created_at`, which
 * ends shortly before `now`.
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
      created_at: now - (tickets - n) * SPACING + (random.readUInt32BE(12) % (SPACING - HOUR)),
      customer_id: nameUuid(`${partner}/customer/${random.readUInt8(1) % customers}`),
      vehicle_model_id: vehicle.model,
      // Now and then a ticket is prepared before anybody has seen the car.
      vin: n % 24 === 7 ? null : demoVin(vehicle, random.readUInt16BE(2)),
      voucher_code: voucherCode(random),
      preparer_external_reference: reference(n),
      lines: lines(random),
    };
  });
}

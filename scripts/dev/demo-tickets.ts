import { createHash } from 'node:crypto';
import type { DemoPartner } from './demo-credentials.ts';

/** A vehicle model with its name, and the first eight characters and the plant code of its VINs. */
interface Vehicle {
  readonly model: number;
  readonly name: string;
  readonly descriptor: string;
  readonly plant: string;
}

const demoVehicles: readonly Vehicle[] = [
  { model: 1187, name: 'Volkswagen Golf', descriptor: 'WVWZZZCD', plant: 'W' },
  { model: 1204, name: 'Škoda Octavia', descriptor: 'TMBJR7NX', plant: 'Y' },
  { model: 1342, name: 'Renault Clio', descriptor: 'VF1RJA00', plant: '6' },
  { model: 1377, name: 'Peugeot 208', descriptor: 'VR3UPHNK', plant: 'T' },
  { model: 1410, name: 'BMW 3 Series', descriptor: 'WBA5R110', plant: 'F' },
  { model: 1466, name: 'Mercedes-Benz A-Class', descriptor: 'W1K17708', plant: 'J' },
  { model: 1523, name: 'Volvo XC40', descriptor: 'YV1XZACV', plant: '2' },
  { model: 1598, name: 'Toyota Yaris', descriptor: 'VNKKBAC3', plant: 'A' },
  { model: 1640, name: 'Kia Niro', descriptor: 'KNACR811', plant: '5' },
  { model: 1702, name: 'Tesla Model 3', descriptor: 'LRW3E7EK', plant: 'C' },
];

const YEARS = 'NPRST'; // 2022 to 2026
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Returns the value of a character in the check sum of a VIN: a digit itself, a letter from 1 to 9 (ISO 3779). */
function numberOf(character: string): number {
  const at = 'ABCDEFGH.JKLMN.P.R.STUVWXYZ'.indexOf(character);
  return at < 0 ? Number(character) : (at % 9) + 1;
}

/**
 * Returns a VIN of 17 characters (ISO 3779) with the check digit that North America and China require.
 *
 * @param serial a number from 0 to 65535 that determines the model year and the serial number.
 */
function demoVin({ descriptor, plant }: Vehicle, serial: number): string {
  const year = YEARS[serial % YEARS.length];
  const tail = `${year}${plant}${String(100_000 + serial * 13).slice(-6)}`;
  const sum = [...`${descriptor}0${tail}`].reduce(
    (total, character, i) => total + numberOf(character) * (WEIGHTS[i] as number),
    0,
  );
  return `${descriptor}${'0123456789X'[sum % 11]}${tail}`;
}

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

/** The files of a partner's ERP in some nights, and the tickets that must exist after the last one. */

const CUSTOMER = '160c0c4b-9966-4dc1-a916-8407eb10d74e';
const OTHER_CUSTOMER = '497f6eca-6276-4993-bfeb-53cbbbba6f08';
const VIN = 'JH4KA7630PC007649';
const OTHER_VIN = 'WVWZZZ1JZXW000001';
const [WASH, TYRES] = [
  '5f0c7b1e-2a64-4b1d-9a53-0d2c1f6e8b47',
  'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3',
];

/** A row of a file. What is absent is empty. */
interface Row {
  readonly customer?: string;
  readonly model?: string;
  readonly vin?: string;
  readonly voucher?: string;
  readonly products?: string;
  readonly cancelled?: string;
}

/** Returns a file. Each row has its reference without the prefix, which it gets. */
function fileOf(prefix: string, rows: readonly (readonly [string, Row | string])[]): string {
  const lines = rows.map(([name, row]) => {
    const reference = `"${(prefix + name).replaceAll('"', '""')}"`;
    if (typeof row === 'string') {
      return `${reference}${row}`;
    }
    const { customer = CUSTOMER, model = '4711', vin, voucher, products, cancelled } = row;
    return [reference, customer, model, vin, voucher, products, cancelled].join(',');
  });
  const columns = 'reference,customer_id,vehicle_model_id,vin,voucher_code,products,cancelled';
  return [columns, ...lines, ''].join('\r\n');
}

const plain: Row = { vin: VIN, products: TYRES };
/** The reference of an order that must be quoted in CSV and in JSON. */
const ODD = 'Ölwechsel "5W", 10';
/** The orders that stay as they are. With them, one of ten orders is dropped, which needs no `--yes`. */
const constant = ['11', '12', '13', '14'].map((name) => [name, plain] as const);

/** More orders than a response lists violations. */
const wrong = Array.from({ length: 101 }, (_, index) => `W${index}`);

/** The orders that their customer picks up before the third night: one that changes then, and one that does not. */
export const PICKED_UP = ['3', '15'];
/** The order that is dropped from the file, and picked up while its ticket is about to be deleted. */
export const DROPPED_LATE = '16';
const unchanged: Row = {
  vin: VIN.toLowerCase(),
  customer: CUSTOMER.toUpperCase(),
  products: TYRES,
};

/** The reference that two tickets have before the last night. */
export const SHARED = '10';
/** A ticket with that reference, as it is created with a POST. */
export const shared = { customer_id: CUSTOMER, vehicle_model_id: 4711, vin: VIN };

const thirdNight: readonly (readonly [string, Row | string])[] = [
  ['1', plain],
  ['2', { vin: OTHER_VIN.toLowerCase(), voucher: 'WQ4MM3', products: `${WASH}:3` }],
  ['3', { ...plain, vin: OTHER_VIN, products: '' }],
  ['4', { cancelled: 'yes' }],
  ['6', plain],
  ['7', plain],
  ['8', { ...plain, cancelled: 'perhaps' }],
  [ODD, { ...plain, customer: OTHER_CUSTOMER }],
  ...constant,
  ['15', unchanged],
  [DROPPED_LATE, plain],
];

/** Returns the files of the nights, for orders whose references begin with a prefix. */
export const filesOf = (prefix: string) => ({
  first: fileOf(prefix, [
    ['1', plain],
    ['2', { products: `${TYRES}:2 ${WASH}` }],
    ['3', plain],
    ['4', plain],
    ['5', plain],
    ['6', { ...plain, vin: 'TOO-SHORT' }],
    ['7', plain],
    ['7', {}],
    ['8', { ...plain, model: 'Golf' }],
    ['9', `,${CUSTOMER}`],
    [ODD, plain],
    ...constant,
    ['15', plain],
    [DROPPED_LATE, plain],
  ]),
  third: fileOf(prefix, thirdNight),
  /** The file of the third night without the order that is dropped late. */
  dropped: fileOf(prefix, thirdNight.slice(0, -1)),
  fourth: fileOf(prefix, [
    ['1', { ...plain, vin: OTHER_VIN }],
    ['3', { cancelled: 'yes' }],
    [SHARED, plain],
  ]),
  empty: fileOf(prefix, []),
  wrong: fileOf(
    prefix,
    wrong.map((name) => [name, { vin: 'TOO-SHORT' }]),
  ),
});

const ticket = (vin: string, voucher: string | null, ...lines: [string, number][]) => ({
  ...{ customer_id: CUSTOMER, vehicle_model_id: 4711, vin, voucher_code: voucher },
  product_lines: lines.map(([product_id, quantity]) => ({ product_id, quantity })),
});
const plainTicket = ticket(VIN, null, [TYRES, 1]);

const sharedTicket = ticket(VIN, null);

/** The tickets that exist after the last night, each with its reference without the prefix, in their order. */
export const expected: readonly (readonly [string, unknown])[] = [
  ['1', ticket(OTHER_VIN, null, [TYRES, 1])],
  [SHARED, sharedTicket],
  [SHARED, sharedTicket],
  ...constant.map(([name]) => [name, plainTicket] as const),
  ['2', ticket(OTHER_VIN, 'WQ4MM3', [WASH, 3])],
  ['6', plainTicket],
  ['7', plainTicket],
  [ODD, plainTicket],
];

/** What the program must print in each night, with `P/` for the prefix of the references. */
export const reports = {
  first: `line 8, P/7: refused, Another row has the same reference.
line 9, P/7: refused, Another row has the same reference.
line 11: refused, The row has no reference, or more or fewer columns than the first line.
line 2, P/1: created
line 3, P/2: created
line 4, P/3: created
line 5, P/4: created
line 6, P/5: created
line 7, P/6: refused, vin: Send the 17 letters and digits of the VIN, or null.
line 10, P/8: refused, vehicle_model_id: Send an integer from 0 to 9007199254740991, as a JSON number.
line 12, P/${ODD}: created
line 13, P/11: created
line 14, P/12: created
line 15, P/13: created
line 16, P/14: created
line 17, P/15: created
line 18, P/16: created
12 created, 0 changed, 0 deleted, 0 unchanged, 0 picked up, 5 refused
`,
  second: `line 8, P/7: refused, Another row has the same reference.
line 9, P/7: refused, Another row has the same reference.
line 11: refused, The row has no reference, or more or fewer columns than the first line.
line 7, P/6: refused, vin: Send the 17 letters and digits of the VIN, or null.
line 10, P/8: refused, vehicle_model_id: Send an integer from 0 to 9007199254740991, as a JSON number.
0 created, 0 changed, 0 deleted, 12 unchanged, 0 picked up, 5 refused
`,
  third: `line 3, P/2: changed
line 4, P/3: not changed, because the customer picked it up; the order differs in vin, product_lines
line 5, P/4: deleted
line 6, P/6: created
line 7, P/7: created
line 8, P/8: refused, deleted: Send true to delete the ticket, or leave this member out.
line 9, P/${ODD}: refused, customer_id: The customer of a ticket cannot change. Send the current customer, or delete the ticket and create a new one.
line 14, P/15: picked up; the order does not differ
2 created, 1 changed, 1 deleted, 6 unchanged, 2 picked up, 2 refused
`,
  dropped: `P/5: deleted
0 created, 0 changed, 1 deleted, 0 unchanged, 0 picked up, 0 refused
`,
  droppedLate: `P/16: not deleted, because the customer picked it up
0 created, 0 changed, 0 deleted, 0 unchanged, 1 picked up, 0 refused
`,
  wrong: `${wrong.map((name, index) => `line ${index + 2}, P/${name}: refused, vin: Send the 17 letters and digits of the VIN, or null.\n`).join('')}0 created, 0 changed, 0 deleted, 0 unchanged, 0 picked up, 101 refused
`,
  // The response that told the change was lost.
  fourth: `line 3, P/3: not deleted, because the customer picked it up
line 4, P/10: refused, Several prepared tickets have this reference. Use one of the ids in prepared_ticket_ids instead.
0 created, 0 changed, 0 deleted, 1 unchanged, 1 picked up, 1 refused
`,
};

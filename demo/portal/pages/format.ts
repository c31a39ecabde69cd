/** The names that the demo gives to ids. */
export type Names = Readonly<Record<string, string>>;

/** Returns the name of a customer, or a part of the id for a customer without a name. */
export const customerName = (names: Names, id: string) => names[id] ?? `Customer ${id.slice(0, 8)}`;

/** Returns the name of a service, or a part of its id. */
export const serviceName = (names: Names, id: string) => names[id] ?? `Service ${id.slice(0, 8)}`;

/** Returns the name of a vehicle model, or its number. */
export const modelName = (names: Names, id: number) => names[id] ?? `Vehicle model ${id}`;

/** Returns a time of the API as a reader wants it: `2019-08-24 14:15:22 UTC`. */
export const readableTime = (time: string) => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

const missingParts: Readonly<Record<string, string>> = {
  vin: 'the VIN',
  product_lines: 'a product line',
};

/** Returns what a ticket lacks, for a sentence. */
export const missingText = (missing: readonly string[]) =>
  missing.map((part) => missingParts[part] ?? part).join(' and ');

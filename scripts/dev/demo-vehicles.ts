/** A vehicle model with the first eight characters and the plant code of its VINs. */
interface Vehicle {
  readonly model: number;
  readonly descriptor: string;
  readonly plant: string;
}

export const demoVehicles: readonly Vehicle[] = [
  { model: 1187, descriptor: 'WVWZZZCD', plant: 'W' }, // Volkswagen Golf
  { model: 1204, descriptor: 'TMBJR7NX', plant: 'Y' }, // Škoda Octavia
  { model: 1342, descriptor: 'VF1RJA00', plant: '6' }, // Renault Clio
  { model: 1377, descriptor: 'VR3UPHNK', plant: 'T' }, // Peugeot 208
  { model: 1410, descriptor: 'WBA5R110', plant: 'F' }, // BMW 3 Series
  { model: 1466, descriptor: 'W1K17708', plant: 'J' }, // Mercedes-Benz A-Class
  { model: 1523, descriptor: 'YV1XZACV', plant: '2' }, // Volvo XC40
  { model: 1598, descriptor: 'VNKKBAC3', plant: 'A' }, // Toyota Yaris
  { model: 1640, descriptor: 'KNACR811', plant: '5' }, // Kia Niro
  { model: 1702, descriptor: 'LRW3E7EK', plant: 'C' }, // Tesla Model 3
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
export function demoVin({ descriptor, plant }: Vehicle, serial: number): string {
  const year = YEARS[serial % YEARS.length];
  const tail = `${year}${plant}${String(100_000 + serial * 13).slice(-6)}`;
  const sum = [...`${descriptor}0${tail}`].reduce(
    (total, character, i) => total + numberOf(character) * (WEIGHTS[i] as number),
    0,
  );
  return `${descriptor}${'0123456789X'[sum % 11]}${tail}`;
}

/** A vehicle model with its name, and the first eight characters and the plant code of its VINs. */
interface Vehicle {
  readonly model: number;
  readonly name: string;
  readonly descriptor: string;
  readonly plant: string;
}

export const demoVehicles: readonly Vehicle[] = [
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
export function demoVin({ descriptor, plant }: Vehicle, serial: number): string {
  const year = YEARS[serial % YEARS.length];
  const tail = `${year}${plant}${String(100_000 + serial * 13).slice(-6)}`;
  const sum = [...`${descriptor}0${tail}`].reduce(
    (total, character, i) => total + numberOf(character) * (WEIGHTS[i] as number),
    0,
  );
  return `${descriptor}${'0123456789X'[sum % 11]}${tail}`;
}

import { join } from 'node:path';
import { fail } from '../process/fail.ts';

const directory = process.env.DEV_STATE;

/** Where local life keeps what it makes. DEV_STATE moves it, so that checks leave no trace. */
export const local = {
  /** wrangler's `--persist-to`. */
  database: directory ? join(directory, 'wrangler') : '.wrangler/state',
  /** The static assets that `npm run dev` serves, which name its address. */
  assets: join(directory ?? '.wrangler', 'assets'),
  credentials: directory ? join(directory, 'demo-credentials.json') : '.demo-credentials.json',
};

/** The port that `npm run dev` serves on: PORT, or 8787. Ends the script if PORT is not one. */
export function localPort(): number {
  const text = process.env.PORT ?? '8787';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) {
    fail(`PORT is "${text}": set it to a number from 1 to 65535, or leave it out for 8787.`);
  }
  return port;
}

/** The address of the local API, and its issuer. */
export function localOrigin(): string {
  return `http://localhost:${localPort()}`;
}

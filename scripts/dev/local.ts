import { join } from 'node:path';
import { fail } from '../process/fail.ts';

const directory = process.env.DEV_STATE;
const DEFAULT_PORT = '8787';

/** The paths of local files. DEV_STATE moves them, so that checks do not change the developer's files. */
export const local = {
  /** The folder of the database, for `--persist-to` of wrangler. */
  database: directory ? join(directory, 'wrangler') : '.wrangler/state',
  /** The configuration of wrangler, which names the entry of the demo. */
  config: join(directory ?? '.wrangler', 'demo.json'),
  /** The folder of the static assets that `npm run dev` serves. They contain its address, and with it its port. */
  assets: join(directory ?? '.wrangler', 'assets', process.env.PORT ?? DEFAULT_PORT),
  credentials: directory ? join(directory, 'demo-credentials.json') : '.demo-credentials.json',
};

/** Returns the port of `npm run dev`: PORT, or 8787. Ends the script if PORT is not a port number. */
export function localPort(): number {
  const text = process.env.PORT ?? DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) {
    fail(`PORT is "${text}". Set it to an integer from 1 to 65535, or unset it to use 8787.`);
  }
  return port;
}

/** Returns the address of the local API, which is also the issuer of its tokens. */
export function localOrigin(): string {
  return `http://localhost:${localPort()}`;
}

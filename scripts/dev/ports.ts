import { type AddressInfo, createServer } from 'node:net';

/** Listens on a port and closes it again. Returns the port, or undefined if it is in use. */
function listen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        resolve(undefined);
      } else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') {
        resolve(port); // A machine without IPv6 has no listener there.
      } else {
        reject(error);
      }
    });
    server.listen(port, host, () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => resolve(found));
    });
  });
}

/**
 * Returns whether a local port is free.
 *
 * @throws the error of the operating system if it does not allow the port.
 */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1']) {
    if ((await listen(port, host)) === undefined) {
      return false;
    }
  }
  return true;
}

/** Returns a port that is currently free. */
export async function freePort(): Promise<number> {
  return (await listen(0, '127.0.0.1')) as number;
}

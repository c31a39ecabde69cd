import { type AddressInfo, createServer } from 'node:net';

/** Listens once. Gives the port, or undefined where it is taken. */
function listen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        resolve(undefined);
      } else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') {
        resolve(port); // a machine without IPv6: nobody can be there
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
 * Whether nobody listens on a local port.
 *
 * @throws the system's error, where it forbids the port.
 */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1']) {
    if ((await listen(port, host)) === undefined) {
      return false;
    }
  }
  return true;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  return (await listen(0, '127.0.0.1')) as number;
}

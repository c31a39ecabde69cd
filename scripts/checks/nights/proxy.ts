import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** How a proxy treats a request: `forward` sends it to the API. */
export type Treatment = (response: ServerResponse, forward: () => Promise<Response>) => unknown;

/** A request that a proxy received. */
interface Received {
  /** The method and the path. */
  readonly asked: string;
  readonly body: string;
  /** The time at which it arrived, in milliseconds. */
  readonly at: number;
}

/** A server between a program and the API. */
export interface ApiProxy {
  readonly origin: string;
  readonly received: Received[];
  /** How it treats the next requests. It forwards those after them. */
  readonly next: Treatment[];
}

/** Gives the program the response of the API. */
export const pass: Treatment = async (response, forward) => {
  const { status, headers, body } = await forward();
  const link = headers.get('link');
  response.writeHead(status, link === null ? {} : { link });
  for await (const chunk of body ?? []) {
    response.write(chunk);
  }
  response.end();
};

/** Lets the API do what the program asks for, and loses the response. */
export const lose: Treatment = async (response, forward) => {
  await (await forward()).arrayBuffer();
  response.destroy();
};

/** Responds in place of the API. */
export const refuse =
  (status: number, headers: Record<string, string> = {}): Treatment =>
  (response) => {
    response.writeHead(status, headers).end('{}');
  };

/** Starts a proxy of an API, and stops it after `use`. */
export async function withProxy<T>(api: string, use: (proxy: ApiProxy) => Promise<T>): Promise<T> {
  const received: Received[] = [];
  const next: Treatment[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const at = Date.now();
    const body = await text(request);
    received.push({ asked: `${method} ${url}`, body, at });
    const { authorization, 'x-api-key': key, 'content-type': type } = headers;
    const sent = Object.entries({
      authorization,
      'x-api-key': key as string,
      'content-type': type,
    });
    const forward = () =>
      fetch(api + url, {
        method,
        headers: Object.fromEntries(sent.filter(([, value]) => value !== undefined)) as Record<
          string,
          string
        >,
        ...(method === 'POST' && { body }),
      });
    await (next.shift() ?? pass)(response, forward);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return await use({ origin, received, next });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

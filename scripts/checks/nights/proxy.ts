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
  /** How it treats the next requests. It treats those after them as usual. */
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

/** The headers of a request that the API gets. */
const FORWARDED = ['authorization', 'x-api-key', 'content-type', 'idempotency-key', 'prefer'];

/**
 * Starts a proxy of an API, and stops it after `use`.
 *
 * @param usual how it treats a request for which `next` says nothing.
 */
export async function withProxy<T>(
  api: string,
  use: (proxy: ApiProxy) => Promise<T>,
  usual = pass,
): Promise<T> {
  const received: Received[] = [];
  const next: Treatment[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const at = Date.now();
    const body = await text(request);
    received.push({ asked: `${method} ${url}`, body, at });
    const sent = FORWARDED.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    const forward = () =>
      fetch(api + url, {
        ...{ method, headers: Object.fromEntries(sent) },
        ...(method === 'POST' && { body }),
      });
    await (next.shift() ?? usual)(response, forward);
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

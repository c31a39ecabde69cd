import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { FeedEvent } from '../../dev/feed.ts';

/** Matches the `User-Agent` of the API and of `npm run webhooks:listen`. */
const SENDER = /^prepared-tickets-webhooks\/1 \(\+http:\/\/localhost:\d+\/docs\)$/;

/** The header with which a receiver agrees to receive webhooks. */
export const AGREES = { 'WebHook-Allowed-Origin': '*' };

/** How a receiver treats a request; without a status it closes the connection or never answers. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The milliseconds before the answer. `Infinity` leaves the request without an answer. */
  readonly afterMs?: number;
  /** Whether the body of the answer never ends. */
  readonly isEndless?: boolean;
}

/** The time during which something was killed: milliseconds since 1970 before it and after it. */
export interface Interruption {
  readonly from: number;
  readonly to: number;
}

/** A webhook that arrived. */
export interface Receipt {
  readonly id: string;
  readonly sequence: number;
  readonly subject: FeedEvent['subject'];
  /** When it arrived and when it was signed, milliseconds since 1970. The latter is exact to a second. */
  readonly at: number;
  readonly signedAt: number;
  /** The secrets of the receiver, by their index, with which `standardwebhooks` verifies it. */
  readonly verifiedBy: readonly number[];
  /** The status that was sent completely; undefined if there was none. */
  status?: number;
}

/** Returns whether a text is the body of a webhook that a secret verifies. */
function verifies(secret: string, body: string, headers: IncomingMessage['headers']): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

/** An HTTP server on this machine that receives webhooks, and treats them as its behaviour says. */
export class Receiver {
  readonly name: string;
  readonly receipts: Receipt[] = [];
  /** The signing secrets of its endpoint, oldest first. */
  readonly secrets: string[] = [];
  /** The requests that are neither a webhook nor its question at its path, such as a redirect that was followed. */
  readonly strays: string[] = [];
  /** The `WebHook-Request-Origin` of each question whether it agrees to receive webhooks. */
  readonly questions: string[] = [];
  /** The headers of its answer to that question. */
  consent: Readonly<Record<string, string>> = AGREES;
  /** The number of its answers with an endless body that the other side has not closed. */
  endlessAnswers = 0;
  /** When it was killed. */
  readonly kills: Interruption[] = [];
  /** Decides how it treats the newest receipt. */
  behaviour: (receiver: Receiver) => Answer;
  #port = 0;
  #server: Server | undefined;

  constructor(name: string, behaviour: Receiver['behaviour']) {
    this.name = name;
    this.behaviour = behaviour;
  }

  /** Its address. It stays the same when it is started again. */
  get url(): string {
    return `http://localhost:${this.#port}/${this.name}`;
  }

  /** Starts it, or starts it again. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#receive(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    await once(server.listen(this.#port, 'localhost'), 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Ends it at once, with all of its connections. */
  async kill(): Promise<void> {
    const from = Date.now();
    const server = this.#server;
    await new Promise<void>((resolve) => {
      server?.close(() => resolve());
      server?.closeAllConnections();
    });
    this.kills.push({ from, to: Date.now() });
  }

  /** Closes its connections. It goes on receiving. */
  release(): void {
    this.#server?.closeAllConnections();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { method, url, headers } = request;
    const sender = headers['user-agent'] ?? 'no sender';
    if (
      !/^(?:POST|OPTIONS)$/.test(`${method}`) ||
      url !== `/${this.name}` ||
      !SENDER.test(sender)
    ) {
      this.strays.push(`${method} ${url} of ${sender}`);
    }
    if (method === 'OPTIONS') {
      this.#answerQuestion(headers, response);
      return;
    }
    const { type, timestamp, data } = JSON.parse(body) as Record<string, unknown> & {
      data: FeedEvent;
    };
    if (headers['webhook-id'] !== data.id || type !== data.type || timestamp !== data.created_at) {
      this.strays.push(body);
    }
    const receipt: Receipt = {
      ...{ id: data.id, sequence: data.sequence, subject: data.subject, at: Date.now() },
      signedAt: Number(headers['webhook-timestamp']) * 1000,
      verifiedBy: this.secrets.flatMap((secret, i) => (verifies(secret, body, headers) ? i : [])),
    };
    this.receipts.push(receipt);
    const { status, headers: answered, afterMs = 0, isEndless = false } = this.behaviour(this);
    if (afterMs === Number.POSITIVE_INFINITY) {
      return;
    }
    if (afterMs > 0) {
      await sleep(afterMs);
    }
    if (status === undefined) {
      response.destroy();
      return;
    }
    if (isEndless) {
      receipt.status = status;
      this.#flood(response.writeHead(status, { ...answered }));
      return;
    }
    response.on('finish', () => {
      receipt.status = status;
    });
    response.writeHead(status, { ...answered }).end();
  }

  #answerQuestion(headers: IncomingMessage['headers'], response: ServerResponse): void {
    this.questions.push(String(headers['webhook-request-origin']));
    response.writeHead(204, { ...this.consent }).end();
  }

  /** Sends the body of an answer until the other side closes the connection. */
  #flood(response: ServerResponse): void {
    this.endlessAnswers++;
    const chunk = Buffer.alloc(1024);
    const timer = setInterval(() => response.write(chunk), 10);
    response.on('close', () => {
      clearInterval(timer);
      this.endlessAnswers--;
    });
  }
}

/** Starts receivers, and kills them after `use`. */
export async function withReceivers<T>(
  receivers: readonly Receiver[],
  use: () => Promise<T>,
): Promise<T> {
  try {
    for (const receiver of receivers) {
      await receiver.start();
    }
    return await use();
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.kill()));
  }
}

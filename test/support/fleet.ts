import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect } from 'vitest';
import { START, type TestApi, TICKETS } from './api.ts';
import type { TestPartner } from './partners.ts';
import { basic, requestToken, type Token } from './token-requests.ts';

interface IssuedToken {
  readonly text: string;
  /** The key that signed it. */
  readonly kid: string;
  /** Milliseconds since 1970, as in all of the fleet. */
  readonly expiresAt: number;
}

interface KeySetCopy {
  readonly kids: readonly string[];
  /** Until when a cache may answer with it. */
  readonly freshUntil: number;
}

/** All isolates of a deployment at one moment, old and new ones side by side while it changes. */
export class Fleet {
  readonly #partner: TestPartner;
  #now = START;
  #tokens: IssuedToken[] = [];
  #keySets: KeySetCopy[] = [];

  constructor(partner: TestPartner) {
    this.#partner = partner;
  }

  /** @param duration in milliseconds. */
  pass(duration: number): void {
    this.#now += duration;
  }

  /**
   * The fleet is these isolates now; each issues a token. Then each must accept every token that is
   * alive, whoever issued it, and every key set that one answers, or a cache, must hold its key.
   */
  async becomes(...isolates: readonly TestApi[]): Promise<void> {
    for (const isolate of isolates) {
      this.#tokens.push(await this.issue(isolate));
      this.#keySets.push(await this.#keySet(isolate));
    }
    this.#tokens = this.#tokens.filter(({ expiresAt }) => expiresAt > this.#now);
    this.#keySets = this.#keySets.filter(({ freshUntil }) => freshUntil > this.#now);
    for (const token of this.#tokens) {
      for (const isolate of isolates) {
        expect(await this.statusOf(isolate, token)).toBe(200);
      }
      for (const { kids } of this.#keySets) {
        expect(kids).toContain(token.kid);
      }
    }
  }

  /** The keys of the tokens that are alive. */
  get signers(): Set<string> {
    return new Set(this.#tokens.map(({ kid }) => kid));
  }

  /** A token of `isolate`, which need not be one of the fleet. */
  async issue(isolate: TestApi): Promise<IssuedToken> {
    isolate.now = this.#now;
    const response = await requestToken(isolate, basic(this.#partner));
    const { access_token: text } = await response.json<Token>();
    const { kid } = decodeProtectedHeader(text);
    return { text, kid: kid as string, expiresAt: (decodeJwt(text).exp as number) * 1000 };
  }

  /** How `isolate` answers a request with this token. */
  async statusOf(isolate: TestApi, { text }: IssuedToken): Promise<number> {
    isolate.now = this.#now;
    const headers = { authorization: `Bearer ${text}`, 'x-api-key': this.#partner.apiKey };
    return (await isolate.request('GET', TICKETS, { headers })).status;
  }

  async #keySet(isolate: TestApi): Promise<KeySetCopy> {
    const response = await isolate.get('/.well-known/jwks.json');
    const maxAge = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1];
    const { keys } = await response.json<{ keys: { kid: string }[] }>();
    return {
      kids: keys.map(({ kid }) => kid),
      freshUntil: this.#now + Number(maxAge) * 1000,
    };
  }
}

import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect } from 'vitest';
import { START, type TestApi, TICKETS } from './api.ts';
import type { TestPartner } from './partners.ts';
import { basic, requestToken, type Token } from './token-requests.ts';

interface IssuedToken {
  readonly text: string;
  /** The id of the key that signed it. */
  readonly kid: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface KeySetCopy {
  readonly kids: readonly string[];
  /** The time until which a cache can serve the copy, in milliseconds since 1970. */
  readonly freshUntil: number;
}

/** The isolates that serve requests at one moment. During a deployment, old and new ones run side by side. */
export class Fleet {
  readonly #partner: TestPartner;
  #now = START;
  #tokens: IssuedToken[] = [];
  #keySets: KeySetCopy[] = [];

  constructor(partner: TestPartner) {
    this.#partner = partner;
  }

  /**
   * Advances the clock.
   *
   * @param duration milliseconds.
   */
  pass(duration: number): void {
    this.#now += duration;
  }

  /**
   * Replaces the isolates, and lets each issue a token. Then every isolate must accept every unexpired token,
   * and every key set that an isolate or a cache can serve must contain the keys of these tokens.
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

  /** The ids of the keys that signed the unexpired tokens. */
  get signers(): Set<string> {
    return new Set(this.#tokens.map(({ kid }) => kid));
  }

  /** Requests a token from an isolate, which can be outside of the fleet. */
  async issue(isolate: TestApi): Promise<IssuedToken> {
    isolate.now = this.#now;
    const response = await requestToken(isolate, basic(this.#partner));
    const { access_token: text } = await response.json<Token>();
    const { kid } = decodeProtectedHeader(text);
    return { text, kid: kid as string, expiresAt: (decodeJwt(text).exp as number) * 1000 };
  }

  /** Returns the status of a request with a token to an isolate. */
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

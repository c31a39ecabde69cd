import { expect } from 'vitest';
import { TestApi } from './api.ts';
import { scannerKeys, signedBy } from './scanner.ts';

export const REPORT_PATH = '/leaked-secrets';

/** A new isolate that gets the published keys of the scanner when it fetches them. Every receiver of webhooks agrees. */
export class ScannedApi extends TestApi {
  /** The URLs that the isolate fetched. */
  readonly fetched: string[] = [];
  override fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    if (init.method === 'OPTIONS') {
      return new Response(null, { headers: { 'webhook-allowed-origin': '*' } });
    }
    this.fetched.push(url);
    return Response.json(scannerKeys);
  };
}

/** Returns the body of a report, with members that the API does not use. */
export const reportOf = (...tokens: string[]) =>
  JSON.stringify(
    tokens.map((token) => ({ token, type: 'a type', url: 'https://x.test', more: 1 })),
  );

/** Reports secrets with a valid signature, and returns the entries of the response. */
export async function report(api: TestApi, ...tokens: string[]) {
  const body = reportOf(...tokens);
  const headers = await signedBy(body);
  const response = await api.request('POST', REPORT_PATH, { body, headers });
  expect(response.status).toBe(200);
  return response.json<{ token_hash: string; token_type: string; label: string }[]>();
}

/** Reports secrets with a valid signature, and returns their labels. */
export const labelsOf = async (api: TestApi, ...tokens: string[]) =>
  (await report(api, ...tokens)).map(({ label }) => label);

import { expect } from 'vitest';
import type { TestApi } from './api.ts';
import { everywhere } from './homes.ts';
import type { TestPartner } from './partners.ts';

export const ENDPOINTS = '/v2/system/webhook-endpoints';

/** A webhook endpoint as the API returns it. */
export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly event_types: readonly string[] | null;
  readonly created_at: string;
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly failed_attempts: number;
  readonly next_attempt_at: string | null;
  readonly retired_secret_expires_at: string | null;
}

/** A webhook endpoint with its secret, which is null in a replay. */
export type CreatedEndpoint = Endpoint & { readonly secret: string };

/** The URL of the endpoints that tests create. */
export const HOOK = 'https://hooks.garage.example/tickets';

export const endpointPath = ({ id }: Pick<Endpoint, 'id'>, below = '') =>
  `${ENDPOINTS}/${id}${below}`;

/** Creates an endpoint. */
export async function makeEndpoint(
  api: TestApi,
  as: TestPartner,
  chosen: Partial<Endpoint> = {},
): Promise<CreatedEndpoint> {
  const response = await api.post(ENDPOINTS, as, { url: HOOK, ...chosen });
  expect(response.status, await response.clone().text()).toBe(201);
  return response.json<CreatedEndpoint>();
}

/** Reads an endpoint. */
export async function readEndpoint(api: TestApi, as: TestPartner, of: Pick<Endpoint, 'id'>) {
  const response = await api.get(endpointPath(of), as);
  expect(response.status).toBe(200);
  return response.json<Endpoint>();
}

/** Updates the given members of an endpoint and keeps the others. */
export async function changeEndpoint(
  api: TestApi,
  as: TestPartner,
  of: Pick<Endpoint, 'id'>,
  chosen: Partial<Endpoint>,
): Promise<Endpoint> {
  const body = { ...(await readEndpoint(api, as, of)), ...chosen };
  const response = await api.put(endpointPath(of), as, body);
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json<Endpoint>();
}

/** Rotates the secret of an endpoint and returns the new one. */
export async function rotateEndpoint(
  api: TestApi,
  as: TestPartner,
  of: Pick<Endpoint, 'id'>,
  overlap_seconds: number,
): Promise<string> {
  const response = await api.post(endpointPath(of, '/secrets'), as, { overlap_seconds });
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json<CreatedEndpoint>()).secret;
}

/** Denies a host, with all hosts below it, like the operator. */
export const denyHost = (host: string) =>
  everywhere('INSERT INTO denied_hosts (host, created_at) VALUES (?, 1)', host);

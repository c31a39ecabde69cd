import type { Surroundings } from './surroundings.ts';

/** What the footer of each page says about the API. */
export interface About {
  readonly version: string;
  /** The address of a link to the support, if the deployment has one. */
  readonly support: string | undefined;
}

interface OpenApi {
  readonly info: {
    readonly version: string;
    readonly contact: { readonly email?: string; readonly url?: string };
  };
}

/**
 * Reads what the OpenAPI document says about the API.
 *
 * @param base the address of a page, which has the origin of the API.
 */
export async function readAbout({ api }: Surroundings, base: string): Promise<About> {
  const response = await api(new Request(new URL('/openapi.json', base)));
  const { version, contact } = (await response.json<OpenApi>()).info;
  const { url, email } = contact;
  return { version, support: url ?? (email === undefined ? undefined : `mailto:${email}`) };
}

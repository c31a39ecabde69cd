import { z } from 'zod';

/** The credentials with which the demo portal calls the API, in the spelling of the token request. */
export const portalClient = z.object({
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  api_key: z.string().min(1),
});

/** The names that the demo portal shows, by the id of a customer or product or the number of a vehicle model. */
export const portalNames = z.record(z.string(), z.string());

/** The settings of the demo portal. */
export interface PortalSettings {
  readonly client: Readonly<z.output<typeof portalClient>>;
  readonly names: Readonly<z.output<typeof portalNames>>;
}

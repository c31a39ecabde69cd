/**
 * The entry of the Worker that `npm run dev` serves: the API, a demo of the Customer Portal under `/portal`, a receiver
 * of webhooks, and the credentials of the demo partner. The deployed Worker, whose entry is `src/index.ts`, has none of
 * them.
 */
import api from '../../src/index.ts';
import { asksForCredentials, serveCredentials } from '../credentials.ts';
import { withReceiver } from '../receiver.ts';
import { createPortal } from './portal.ts';

export { WebhookScheduler } from '../../src/index.ts';

// The API and its Durable Objects look `fetch` up at each request.
globalThis.fetch = withReceiver(globalThis.fetch);

/** The bindings of the API, and the variables that `npm run dev` adds. */
interface DemoEnv extends Env {
  /** The credentials of the portal as JSON: `client_id`, `client_secret` and `api_key`. */
  readonly PORTAL_CLIENT: string;
  /** The names of customers, products and vehicle models by their ids, as JSON. */
  readonly PORTAL_NAMES: string;
  /** The credentials of the demo partner as JSON, with the scopes to request. */
  readonly DEMO_CLIENT: string;
}

const openPortal = (env: DemoEnv) =>
  createPortal({
    api: (request) => api.fetch(request, env),
    assets: env.ASSETS,
    settings: { client: JSON.parse(env.PORTAL_CLIENT), names: JSON.parse(env.PORTAL_NAMES) },
    now: () => Date.now(),
    log: (line) => console.log(JSON.stringify(line)),
  });
let portal: ReturnType<typeof openPortal> | undefined;

export default {
  ...api,
  fetch(request, env) {
    if (asksForCredentials(request, env.ISSUER)) {
      return serveCredentials(env.ISSUER, env.DEMO_CLIENT, (sent) => api.fetch(sent, env));
    }
    const { pathname } = new URL(request.url);
    if (pathname !== '/portal' && !pathname.startsWith('/portal/')) {
      return api.fetch(request, env);
    }
    portal ??= openPortal(env);
    return portal.fetch(request);
  },
} satisfies ExportedHandler<DemoEnv>;

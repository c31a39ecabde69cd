/** What a receiver does with a request. */
export type Reply = (url: string, init: RequestInit) => Response | Promise<Response>;

/** Returns the answer of a receiver that agrees to receive webhooks, which is also one from every sender. */
export const agreement = (origin = '*'): Response =>
  new Response(null, { status: 204, headers: { 'webhook-allowed-origin': origin } });

/** Returns `fetch` of an app for which every receiver agrees to receive webhooks. Another function answers the rest. */
export const agreeingReceiver =
  (other: Reply) =>
  async (url: string, init: RequestInit): Promise<Response> =>
    init.method === 'OPTIONS' ? agreement() : other(url, init);

/**
 * The example URL of the document, which requests and code samples send unchanged. Nobody can own its host
 * (RFC 2606 §3), so `npm run dev` answers in its place. A test compares the two.
 */
export const RECEIVER_URL = 'https://hooks.garage.example/tickets';

/**
 * Returns a `fetch` that answers requests to {@link RECEIVER_URL} like a receiver of webhooks that agrees to receive
 * messages and accepts each of them. They do not leave the Worker.
 *
 * @param send sends every other request.
 */
export const withReceiver =
  (send: typeof fetch): typeof fetch =>
  async (input, init) =>
    input === RECEIVER_URL
      ? new Response(null, { status: 204, headers: { 'WebHook-Allowed-Origin': '*' } })
      : send(input, init);

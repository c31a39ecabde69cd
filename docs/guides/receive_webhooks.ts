// receive_webhooks.ts
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const known = new Set<string>(); // Use a table of your database instead.

type Event = { id: string; type: string; subject: { type: string; id: string } };

/** Does your work for an event. If it throws an error, the event comes again. */
async function handleEvent(event: Event) {
  console.log(event.type, event.subject.id);
}

const server = createServer(async (request, response) => {
  if (request.method === 'OPTIONS') {
    // The API asks before it sends anything. You know the secret only after you have agreed.
    response.writeHead(204, { 'WebHook-Allowed-Origin': '*' }).end();
    return;
  }
  try {
    const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? '');
    // Verify the text as it came. JSON that was parsed and written again has another signature.
    const body = await text(request);
    const { data } = webhook.verify(body, request.headers as Record<string, string>) as {
      data: Event;
    };
    if (!known.has(data.id)) {
      await handleEvent(data);
      known.add(data.id);
    }
    response.writeHead(204);
  } catch (error) {
    response.writeHead(error instanceof WebhookVerificationError ? 400 : 500);
  }
  response.end(() => {
    if (process.argv.includes('--once')) process.exit();
  });
});
server.listen(Number(process.env.PORT));

import { MAX_ENDPOINTS } from '../../resources/system/webhook-endpoints/webhook-endpoints.repository.ts';
import {
  READ_TAG_AGAIN,
  setCursor,
  setETag,
  setId,
  setToken,
  VARIABLES_HEADING,
} from '../sample-variables.ts';

const ENDPOINTS = '$API/v2/system/webhook-endpoints';

/** The guide to the tag "Webhooks", in Markdown. */
export const webhooks = `A webhook endpoint is an https address of yours to which this API sends your events with POST, signed as [Standard Webhooks](https://www.standardwebhooks.com) defines. Each endpoint receives the events in the order of their \`sequence\`, and each event at least once. You can have at most ${MAX_ENDPOINTS} endpoints. An endpoint that fails delays no other endpoint.

A client needs the scope \`webhooks:manage\`. A token gets it only if you request it explicitly, because an endpoint keeps receiving events after the token has expired.

${VARIABLES_HEADING} The samples use a token with the scope \`webhooks:manage\`, a cursor of the event feed, which needs \`events:read\`, and a disabled webhook endpoint. PUT and DELETE send its \`ETag\` in \`If-Match\`.

\`\`\`sh
${setToken('WEBHOOKS', 'webhooks:manage')}
${setCursor('TOKEN')}
${setId('ENDPOINT_ID', 'WEBHOOKS', ENDPOINTS, { url: 'https://hooks.garage.example/tickets', disabled: true })}
${setETag('WEBHOOKS', `${ENDPOINTS}/$ENDPOINT_ID`)}
\`\`\`

${READ_TAG_AGAIN} Delete the webhook endpoint when you no longer need it.`;

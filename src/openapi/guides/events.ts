/** What the document says of the group of operations on events. */
export const events = `An event tells that something happened to a ticket, a product line, a client, an API key or a webhook endpoint: what, when, and which of your clients did it. Your events have a \`sequence\` without gaps, in the order in which the changes happened. An event contains no personal data, so read the resource to see its current state. A client needs the scope \`events:read\`.

The guide "Follow changes" shows a program that reads the feed and continues after a restart.`;

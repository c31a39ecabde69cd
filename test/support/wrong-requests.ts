import type { DocumentedOperation } from './document.ts';
import type { Changes } from './scene.ts';

/** A request by what is wrong with it, as the changes of a valid one. */
export type WrongRequest = readonly [what: string, changes: Changes];

/**
 * Returns a valid request of an operation, and then one for each part that can be wrong, with which a valid caller gets
 * a problem of the request.
 */
export function wrongRequestsOf({
  path,
  operationId,
  requestBody,
  parameters = [],
}: DocumentedOperation): readonly WrongRequest[] {
  const takes = (name: string) => parameters.some((parameter) => parameter.name === name);
  const namesOne = /\{[a-z]+-id\}/.test(path);
  return [
    ['nothing wrong', {}],
    ...when(requestBody !== undefined, [
      ['a body that is not JSON', { body: '{' }],
      ['a body of another type', { body: 'x', headers: { 'content-type': 'text/plain' } }],
      ['a body with another member', { body: { x: 1 } }],
    ]),
    ...when(takes('limit'), [
      ['an unknown parameter', { query: '?x=1' }],
      ['an invalid limit', { query: '?limit=-1' }],
    ]),
    ...when(takes('after'), [['an invalid cursor', { query: '?after=x' }]]),
    ...when(operationId === 'replayWebhooks', [['an invalid cursor', { body: { after: 'x' } }]]),
    ...when(namesOne, [
      ['an id that is unknown', { id: crypto.randomUUID() }],
      ['an id that is none', { id: 'x' }],
    ]),
    ...when(takes('If-Match'), [['a malformed entity tag', { headers: { 'if-match': 'x' } }]]),
    ...when(operationId === 'exportPreparedTickets' || operationId === 'exportTickets', [
      ['a format that is not offered', { headers: { accept: 'image/png' } }],
    ]),
  ];
}

const when = (holds: boolean, requests: readonly WrongRequest[]) => (holds ? requests : []);

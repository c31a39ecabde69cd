import type { Treatment } from '../nights/proxy.ts';

/** What an API of a later year sends and a client of today does not know, by its kind. */
export const unknown = {
  member: 'future_member',
  code: 'future_code',
  event: 'something.new',
  state: 'future_state',
  missing: 'future_part',
  problem: '/problems/future-problem',
  reason: 'future_reason',
} as const;

type Members = Record<string, unknown>;

/** Returns whether an object is a prepared ticket, which keeps exactly its eight members. */
const isClosed = (members: Members): boolean =>
  'vehicle_model_id' in members && !('state' in members || 'product_lines' in members);

/** Returns the members of an object that get an unknown value, with that value. */
function unknownValues(members: Members): Members {
  const { code, state, missing, disabled_reason, title, subject, sequence, data } = members;
  return {
    ...(code !== undefined && { code: unknown.code }),
    ...(state !== undefined && { state: unknown.state }),
    ...(Array.isArray(missing) && { missing: [...missing, unknown.missing] }),
    ...(typeof disabled_reason === 'string' && { disabled_reason: unknown.reason }),
    ...(title !== undefined && { type: unknown.problem }),
    // Every second event, so that unknown ones lie between known ones.
    ...(subject !== undefined && Number(sequence) % 2 === 0 && { type: unknown.event }),
    // A webhook repeats the type of its event.
    ...(data !== undefined && { type: (data as Members).type }),
  };
}

/** Returns a value with an unknown member in each of its objects, and with unknown values. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(rewritten);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([name, inner]) => [name, rewritten(inner)]);
  const members: Members = Object.fromEntries(entries);
  return {
    ...members,
    ...unknownValues(members),
    ...(!isClosed(members) && { [unknown.member]: { [unknown.member]: [unknown.member] } }),
  };
}

/** Returns a body in JSON or NDJSON as an API of a later year would send it. */
export const rewrite = (body: string): string =>
  body.replaceAll(/[^\n]+/g, (line) => JSON.stringify(rewritten(JSON.parse(line))));

/** Gives the client the response that an API of a later year would send. */
export const respondLater: Treatment = async (response, forward) => {
  const answer = await forward();
  const body = await answer.text();
  const type = answer.headers.get('content-type') ?? '';
  const link = answer.headers.get('link');
  // The pages of an export name the API that sent them.
  const own = `http://${response.req.headers.host}`;
  response.writeHead(answer.status, {
    'content-type': type,
    ...(link !== null && { link: link.replaceAll(new URL(answer.url).origin, own) }),
  });
  response.end(type.includes('json') ? rewrite(body) : body);
};

import { expect } from 'vitest';
import { RemoteDocument, RemoteUnavailable } from '../../src/auth/remote-document.ts';
import { TestWorld } from './remote-source.ts';

const URL = 'https://source.test:8443/a/document?of=keys';

const always = () => true;
export const never = () => false;

/** A source with the document `{"version": 1}`, and the document of it that the isolate keeps. */
export function setUp(timeoutMs?: number) {
  const world = new TestWorld();
  const source = world.source(URL, { version: 1 });
  const document = new RemoteDocument<number>({
    url: URL,
    parse: (json) => {
      const { version } = json as { version: unknown };
      if (typeof version !== 'number') {
        throw new Error('secret words');
      }
      return version;
    },
    timeoutMs,
  });
  const get = (suffices: (value: number) => boolean = always) => document.get(world, suffices);
  const publish = (version: unknown) => {
    source.document = { version };
  };
  return { world, source, get, publish };
}

/** Returns the message of the `RemoteUnavailable` with which a promise is rejected. */
export async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RemoteUnavailable);
  return (error as RemoteUnavailable).message;
}

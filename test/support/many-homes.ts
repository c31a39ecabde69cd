import { env } from 'cloudflare:workers';
import { rememberVerified } from '../../src/db/identity.ts';
import { FaultyD1 } from './faulty-d1.ts';
import { homesOf, main, type TestHome } from './homes.ts';
import type { Invocation } from './invocation.ts';

/**
 * Returns the bindings of an invocation with `main` and as many other homes, `h1` and so on, as a deployment can have.
 * The others share a database, which each takes for its own, because an isolate verifies a database only once.
 *
 * @param count the number of homes.
 */
export function withManyHomes(
  invocation: Invocation,
  count: number,
  {
    isHanging = () => false,
    shared = main,
  }: {
    /** Returns whether the home with a name does not answer. */
    isHanging?: (name: string) => boolean;
    /** Whose database the others share. */
    shared?: TestHome;
  } = {},
): Env {
  const others = Array.from({ length: count - 1 }, (_, i) => ({
    ...{ name: `h${i + 1}`, number: i + 2, binding: `DB_H${i + 1}` },
  }));
  const databaseOf = ({ name }: Pick<TestHome, 'name'>, { database } = shared) => {
    const faulty = new FaultyD1(database);
    faulty.plan(() => (isHanging(name) ? 'hangs' : undefined));
    return faulty.db;
  };
  const databases = others.map((home) => [home.binding, databaseOf(home)]);
  const bound = invocation.bind<object>({
    ...env,
    ...Object.fromEntries(databases),
    ...{ HOMES: homesOf(...others), DB: databaseOf(main, main) },
  });
  for (const home of others) {
    rememberVerified(Reflect.get(bound, home.binding) as D1Database, home);
  }
  return bound as Env;
}

import { env } from 'cloudflare:workers';

/** Runs in place of each call of a binding. `execute` makes the call. */
type Call = <R extends D1Result | D1Result[]>(execute: () => Promise<R>) => Promise<R>;

/**
 * Returns a D1 binding whose calls another function makes, in the ways in which the app makes them.
 *
 * @param onSession receives the constraint or bookmark of each new session.
 */
export function wrapD1(
  call: Call,
  onSession: (constraint?: string) => void = () => undefined,
  real: D1Database = env.DB,
): D1Database {
  /** Changes the statement itself, because a batch accepts no other object. */
  const statement = (target: D1PreparedStatement): D1PreparedStatement => {
    const bind = target.bind.bind(target);
    const all = target.all.bind(target);
    return Object.assign(target, {
      bind: (...values: unknown[]) => statement(bind(...values)),
      all: () => call(() => all()),
    });
  };
  const wrap = <T extends D1Database | D1DatabaseSession>(target: T): T =>
    new Proxy(target, {
      get: (_target, name) => {
        if (name === 'batch') {
          return (statements: D1PreparedStatement[]) => call(() => target.batch(statements));
        }
        if (name === 'prepare') {
          return (query: string) => statement(target.prepare(query));
        }
        if (name === 'withSession') {
          return (constraint?: string) => {
            onSession(constraint);
            return wrap((target as D1Database).withSession(constraint));
          };
        }
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return wrap(real);
}

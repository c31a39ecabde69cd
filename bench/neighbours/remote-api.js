/**
 * The API in a process of its own, whose database is in another process, as on Cloudflare: the CPU time that it
 * takes delays nobody there. This file is JavaScript, because it imports code that needs the global types of
 * Workers, which conflict with the Node.js types of the benchmark.
 */
import api from '../../src/index.ts';

export { WebhookScheduler } from '../../src/index.ts';

/** A database that a Worker executes statements for, at an address. It has the part of D1 that the API uses. */
class RemoteDatabase {
  #origin;

  /** @param {string} origin */
  constructor(origin) {
    this.#origin = origin;
  }

  withSession() {
    return this;
  }

  getBookmark() {
    return null;
  }

  /** @param {string} sql */
  prepare(sql) {
    const statement = (values) => ({
      sql,
      values,
      bind: (...others) => statement(others),
      all: async () => (await this.batch([{ sql, values }]))[0],
    });
    return statement([]);
  }

  /** @param {readonly { sql: string, values: readonly unknown[] }[]} statements */
  async batch(statements) {
    const body = JSON.stringify(statements.map(({ sql, values }) => ({ sql, values })));
    const response = await fetch(this.#origin, { method: 'POST', body });
    if (!response.ok) {
      throw new Error(await response.text());
    }
    return response.json();
  }
}

let bindings;

// biome-ignore lint/style/noDefaultExport: a Worker is a default export
export default {
  fetch(request, env, context) {
    // The API caches its configuration by the object.
    bindings ??= { ...env, DB: new RemoteDatabase(env.DATABASE) };
    return api.fetch(request, bindings, context);
  },
};

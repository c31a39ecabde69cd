/**
 * The API with a database that is far away: each D1 call takes `D1_LATENCY_MS` longer. This file is JavaScript, because
 * it imports code that needs the global types of Workers, which conflict with the Node.js types of the benchmark.
 */
import api from '../throughput/quiet-api.js';

/**
 * Returns a D1 binding or a session of it whose calls take longer.
 *
 * @param {number} latencyMs
 */
function slowD1(d1, latencyMs) {
  const later = async (call) => {
    await scheduler.wait(latencyMs);
    return call();
  };
  // A batch accepts no other object than the statement itself.
  const slowStatement = (statement) => {
    const bind = statement.bind.bind(statement);
    const all = statement.all.bind(statement);
    return Object.assign(statement, {
      bind: (...values) => slowStatement(bind(...values)),
      all: () => later(all),
    });
  };
  return {
    prepare: (sql) => slowStatement(d1.prepare(sql)),
    batch: (statements) => later(() => d1.batch(statements)),
    withSession: (constraint) => slowD1(d1.withSession(constraint), latencyMs),
    getBookmark: () => d1.getBookmark(),
  };
}

let bindings;

// biome-ignore lint/style/noDefaultExport: a Worker is a default export
export default {
  fetch(request, env, context) {
    // The API caches its configuration by the object.
    bindings ??= { ...env, DB: slowD1(env.DB, Number(env.D1_LATENCY_MS)) };
    return api.fetch(request, bindings, context);
  },
};

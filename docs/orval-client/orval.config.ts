/** Generates types and one function for each operation, and apart from them zod schemas that validate responses. */
const input = 'openapi.json';
const zod = {
  generate: { response: true, body: false, header: false, param: false, query: false },
  generateEachHttpStatus: true,
  generateReusableSchemas: true,
};
export default {
  api: {
    input,
    output: { target: 'client/api.ts', client: 'fetch', baseUrl: { runtime: 'process.env.API' } },
  },
  schemas: { input, output: { target: 'client/zod.ts', client: 'zod', override: { zod } } },
};

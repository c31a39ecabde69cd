/** Generates types, one function for each operation, and zod schemas that validate requests and responses. */
export default {
  input: 'openapi.json',
  output: { path: 'client', importFileExtension: '.ts' },
  plugins: [
    '@hey-api/typescript',
    { name: '@hey-api/sdk', validator: true },
    '@hey-api/client-fetch',
    'zod',
  ],
};

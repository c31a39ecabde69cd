/**
 * Starts Scalar in the browser, on the element that `try-page.ts` renders. Scalar's request form sends
 * every parameter that has an example, so a reader would filter the list by example values and send the
 * same idempotency key each time. This script therefore deselects every optional parameter. It also
 * fetches the code samples in all languages, of which the document contains only those for shells.
 */

/** Deselects an optional parameter in the request form. */
function deselect(parameter) {
  const { schema = {} } = parameter;
  const value = [parameter.example, schema.example, schema.examples?.[0], schema.default].find(
    (example) => example !== undefined,
  );
  if (parameter.required !== true && parameter.name !== undefined && value !== undefined) {
    delete parameter.example;
    parameter.examples = { default: { value, 'x-disabled': true } };
  }
}

/** Adds the samples in all languages to the operations. */
async function addSamples(operations) {
  const response = await fetch(samples);
  if (response.ok) {
    const all = await response.json();
    for (const operation of operations) {
      operation['x-codeSamples'] = all[operation.operationId] ?? operation['x-codeSamples'];
    }
  }
}

/** Replaces the texts that the docs site has by those that the form needs. */
function instruct(openApi) {
  openApi.info.title = 'Try it';
  openApi.info.description = `Send requests to this API from your browser.

1. Enter the \`client_id\` and the \`client_secret\` of a client under "OAuth2", choose the scopes, and press "Authorize". The access token is valid for one hour.
2. Enter an API key of the same partner under "ApiKey", in "Value".
3. Choose an operation, press "Test Request", and send it. Your requests change real data.

Your credentials stay in this page: they are sent only to this API. [Back to the docs](/docs)`;
  for (const tag of openApi.tags) {
    delete tag.description;
  }
  const { OAuth2, ApiKey } = openApi.components.securitySchemes;
  OAuth2.description = 'Enter the client_id and the client_secret of a client.';
  ApiKey.description = 'Enter an API key of the same partner.';
}

/** Fetches a URL, and changes the response if it is the document. */
async function fetchForScalar(input, init) {
  const response = await fetch(input, init);
  const address = new URL(input.url ?? input, location.href);
  if (address.pathname !== url || !response.ok) {
    return response;
  }
  const openApi = await response.json();
  const operations = Object.values(openApi.paths).flatMap((path) => Object.values(path));
  const parameters = operations.flatMap((operation) => operation.parameters ?? []);
  for (const parameter of [...parameters, ...Object.values(openApi.components?.parameters ?? {})]) {
    deselect(parameter);
  }
  instruct(openApi);
  await addSamples(operations);
  return Response.json(openApi);
}

const root = document.getElementById('try');
const { url, samples } = root.dataset;
Scalar.createApiReference(root, {
  ...JSON.parse(root.dataset.configuration),
  url,
  customFetch: fetchForScalar,
});

/**
 * Starts Scalar in the browser, on the element that `docs-page.ts` renders. Scalar's "try it" sends
 * each parameter that has an example, so a reader would filter the list by example values and repeat
 * one idempotency key. This script therefore leaves every optional parameter to the reader's choice. It
 * also fetches the code samples in all languages, which the document does not have.
 */

/** Marks the example of an optional parameter as not selected. */
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

/** Gives the operations their samples in every language; the document has those for a shell only. */
async function addSamples(operations) {
  const response = await fetch(samples);
  if (response.ok) {
    const all = await response.json();
    for (const operation of operations) {
      operation['x-codeSamples'] = all[operation.operationId] ?? operation['x-codeSamples'];
    }
  }
}

/** Fetches as the browser does, and prepares the document itself for readers. */
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
  await addSamples(operations);
  return Response.json(openApi);
}

const root = document.getElementById('docs');
const { url, samples } = root.dataset;
Scalar.createApiReference(root, {
  ...JSON.parse(root.dataset.configuration),
  url,
  customFetch: fetchForScalar,
});

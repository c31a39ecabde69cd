import { NEW_KEY, type SampleRequest, type Template } from './sample-request.ts';
import { expression, indented, withVariables } from './syntax.ts';

function text(value: string): string {
  return `'${value.replaceAll(/['\\]/g, '\\$&')}'`;
}

const code = (template: Template) =>
  expression(template, {
    text,
    variable: (name) => (name === NEW_KEY ? 'crypto.randomUUID()' : `process.env.${name}`),
    join: ' + ',
  });

const name = (header: string) => (/^\w+$/.test(header) ? header : text(header));

const entries = (of: readonly (readonly [string, Template])[]) =>
  `{\n${of.map(([key, value]) => `    ${name(key)}: ${code(value)},\n`).join('')}  }`;

/** Returns a JSON body as an expression: JSON is valid in JavaScript. */
const bodyOf = (json: object) => withVariables(JSON.stringify(json, null, 2), JSON.stringify, code);

/** Returns a sample for Node.js and any other runtime with `fetch`. */
export function javascript(request: SampleRequest): string {
  const { method, url, headers, json, form, responseType } = request;
  const options = [
    ...(method === 'GET' ? [] : [`method: ${text(method)}`]),
    ...(headers.length > 0 ? [`headers: ${entries(headers)}`] : []),
    ...(json ? [`body: JSON.stringify(${indented(bodyOf(json), 2)})`] : []),
    ...(form ? [`body: new URLSearchParams(${entries(form)})`] : []),
  ].map((option) => `  ${option},\n`);
  const argument = options.length > 0 ? `, {\n${options.join('')}}` : '';
  return `const response = await fetch(${code(url)}${argument});
if (!response.ok) throw new Error(await response.text());
console.log(${responseType ? `await response.${responseType}()` : 'response.status'});`;
}

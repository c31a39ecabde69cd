import { bodyVariables } from '../sample-variables.ts';
import { NEW_KEY, type SampleRequest, type Template } from './sample-request.ts';
import { expression } from './syntax.ts';

/** Returns a string literal: JSON strings are valid in C#. */
const text = (value: string) => JSON.stringify(value);

const code = (template: Template) =>
  expression(template, {
    text,
    variable: (name) =>
      name === NEW_KEY ? 'Guid.NewGuid()' : `Environment.GetEnvironmentVariable(${text(name)})`,
    join: ' + ',
  });

/** Returns the constant of a method, for example `HttpMethod.Get`. */
const methodOf = (method: string) =>
  `HttpMethod.${method.slice(0, 1)}${method.slice(1).toLowerCase()}`;

function contentOf({ json, form }: SampleRequest): string {
  if (json) {
    const body = JSON.stringify(json, null, 2);
    // A raw string cannot contain an expression, so the variables are filled in afterwards.
    const filled = Object.values(bodyVariables)
      .map((name) => `$${name}`)
      .filter((variable) => body.includes(text(variable)))
      .map((variable) => `.Replace(${text(variable)}, ${code(variable)})`);
    return `request.Content = new StringContent("""\n${body}\n"""${filled.join('')}, Encoding.UTF8, "application/json");\n`;
  }
  if (form) {
    const fields = form.map(([name, value]) => `    [${text(name)}] = ${code(value)},\n`);
    return `request.Content = new FormUrlEncodedContent(new Dictionary<string, string>\n{\n${fields.join('')}});\n`;
  }
  return '';
}

/** Returns a sample for .NET 8. */
export function csharp(request: SampleRequest): string {
  const { method, url, headers, json, form, responseType } = request;
  // .NET sets the Content-Type with the content and rejects it among the other headers.
  const lines = headers
    .filter(([name]) => name !== 'Content-Type')
    .map(([name, value]) => `request.Headers.Add(${text(name)}, ${code(value)});\n`);
  const namespaces = [
    'System',
    ...(form ? ['System.Collections.Generic'] : []),
    'System.Net.Http',
    ...(json ? ['System.Text'] : []),
  ];
  return `${namespaces.map((namespace) => `using ${namespace};\n`).join('')}
using var client = new HttpClient();
using var request = new HttpRequestMessage(${methodOf(method)}, ${code(url)});
${lines.join('')}${contentOf(request)}
using var response = await client.SendAsync(request);
var body = await response.Content.ReadAsStringAsync();
if (!response.IsSuccessStatusCode)
{
    Console.Error.WriteLine(body);
    Environment.Exit(1);
}
Console.WriteLine(${responseType ? 'body' : '(int)response.StatusCode'});`;
}

import { NEW_KEY, type SampleRequest, type Template } from './sample-request.ts';
import { expression, indented, literal, withVariables } from './syntax.ts';

const text = (value: string) => `'${value.replaceAll(/['\\]/g, '\\$&')}'`;

const code = (template: Template) =>
  expression(template, {
    text,
    variable: (name) => (name === NEW_KEY ? 'bin2hex(random_bytes(16))' : `getenv(${text(name)})`),
    join: ' . ',
  });

const words = { '{': '[', '}': ']', ': ': ' => ' };

const bodyOf = (json: object) => withVariables(literal(json, text, words), text, code);

/** Returns a sample for PHP 8 with its curl extension. */
export function php({ method, url, headers, json, form }: SampleRequest): string {
  const lines = headers.map(([name, value]) => `        ${code(`${name}: ${value}`)},\n`).join('');
  const fields = (form ?? []).map(([name, value]) => `        ${text(name)} => ${code(value)},\n`);
  const options = [
    ...(method === 'GET' ? [] : [`CURLOPT_CUSTOMREQUEST => ${text(method)}`]),
    'CURLOPT_RETURNTRANSFER => true',
    ...(headers.length > 0 ? [`CURLOPT_HTTPHEADER => [\n${lines}    ]`] : []),
    ...(json ? [`CURLOPT_POSTFIELDS => json_encode(${indented(bodyOf(json), 4)})`] : []),
    ...(form ? [`CURLOPT_POSTFIELDS => http_build_query([\n${fields.join('')}    ])`] : []),
  ].map((option) => `    ${option},\n`);
  return `<?php
$curl = curl_init(${code(url)});
curl_setopt_array($curl, [
${options.join('')}]);
$body = curl_exec($curl);
if ($body === false || curl_getinfo($curl, CURLINFO_RESPONSE_CODE) >= 400) {
    throw new RuntimeException($body === false ? curl_error($curl) : $body);
}
echo $body;`;
}

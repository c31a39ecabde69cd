import { NEW_KEY, type SampleRequest, type Template } from './sample-request.ts';
import { expression, indented, literal, withVariables } from './syntax.ts';

/** Returns a string literal: JSON strings are valid in Python. */
const text = (value: string) => JSON.stringify(value);

const code = (template: Template) =>
  expression(template, {
    text,
    variable: (name) => (name === NEW_KEY ? 'str(uuid.uuid4())' : `os.environ[${text(name)}]`),
    join: ' + ',
  });

const words = { null: 'None', true: 'True', false: 'False' };

const bodyOf = (json: object) => withVariables(literal(json, text, words), text, code);

const entries = (of: readonly (readonly [string, Template])[]) =>
  `{\n${of.map(([key, value]) => `        ${text(key)}: ${code(value)},\n`).join('')}    }`;

/** The Python expression that is printed for a successful response, by the type of its body. */
const results = {
  json: 'json.load(response)',
  text: 'response.read().decode()',
  none: 'response.status',
};

/** Returns a sample for Python 3 that needs only the standard library. */
export function python({ method, url, headers, json, form, responseType }: SampleRequest): string {
  const options = [
    code(url),
    ...(method === 'GET' ? [] : [`method=${text(method)}`]),
    ...(headers.length > 0 ? [`headers=${entries(headers)}`] : []),
    ...(json ? [`data=json.dumps(${indented(bodyOf(json), 4)}).encode()`] : []),
    ...(form ? [`data=urllib.parse.urlencode(${entries(form)}).encode()`] : []),
  ].map((option) => `    ${option},\n`);
  const body = `request = urllib.request.Request(\n${options.join('')})
try:
    with urllib.request.urlopen(request) as response:
        print(${results[responseType ?? 'none']})
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())`;
  const modules = ['json', 'os', 'sys', 'urllib.error', 'urllib.parse', 'urllib.request', 'uuid'];
  const imports = modules.filter((module) => body.includes(`${module}.`));
  return `${imports.map((module) => `import ${module}\n`).join('')}\n${body}`;
}

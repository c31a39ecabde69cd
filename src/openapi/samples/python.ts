import { NEW_KEY, type SampleRequest, type Template } from './sample-request.ts';
import { expression, indented, literal } from './syntax.ts';

/** A string of JSON is one of Python. */
const text = (value: string) => JSON.stringify(value);

const code = (template: Template) =>
  expression(template, {
    text,
    variable: (name) => (name === NEW_KEY ? 'str(uuid.uuid4())' : `os.environ[${text(name)}]`),
    join: ' + ',
  });

const syntax = {
  text,
  nothing: 'None',
  yes: 'True',
  no: 'False',
  object: ['{', '}'],
  colon: ': ',
} as const;

const entries = (of: readonly (readonly [string, Template])[]) =>
  `{\n${of.map(([key, value]) => `        ${text(key)}: ${code(value)},\n`).join('')}    }`;

/** What is printed of a success, by what its body is. */
const results = {
  json: 'json.load(response)',
  text: 'response.read().decode()',
  none: 'response.status',
};

/** A sample for Python 3 with nothing but its standard library. */
export function python({ method, url, headers, json, form, answers }: SampleRequest): string {
  const options = [
    code(url),
    ...(method === 'GET' ? [] : [`method=${text(method)}`]),
    ...(headers.length > 0 ? [`headers=${entries(headers)}`] : []),
    ...(json ? [`data=json.dumps(${indented(literal(json, syntax), 4)}).encode()`] : []),
    ...(form ? [`data=urllib.parse.urlencode(${entries(form)}).encode()`] : []),
  ].map((option) => `    ${option},\n`);
  const body = `request = urllib.request.Request(\n${options.join('')})
try:
    with urllib.request.urlopen(request) as response:
        print(${results[answers ?? 'none']})
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())`;
  const modules = ['json', 'os', 'sys', 'urllib.error', 'urllib.parse', 'urllib.request', 'uuid'];
  const imports = modules.filter((module) => body.includes(`${module}.`));
  return `${imports.map((module) => `import ${module}\n`).join('')}\n${body}`;
}

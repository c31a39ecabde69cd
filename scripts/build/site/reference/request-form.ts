import type { OpenAPIDocument } from '../../../../src/openapi/document.ts';
import { type Operation, operationsOf, type Parameter, resolved } from '../../forms/read.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The groups of fields in the order of the form. */
const groups = { path: 'Path', query: 'Query', header: 'Headers', form: 'Body' };

/** A field of a form: a parameter, or a member of a body that is a form itself. */
interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isSecret: boolean;
  /** The only values that the API accepts. */
  readonly options?: readonly string[];
  /** An example, as the reader would type it. */
  readonly example: string;
  /** What the field contains at first. Without it, the field is not sent until a reader fills it in. */
  readonly value: string;
}

/** The form that sends the request of an operation: what `TryForm.vue` shows. */
interface RequestForm {
  readonly method: string;
  readonly path: string;
  readonly needsCredentials: boolean;
  readonly groups: readonly {
    readonly in: string;
    readonly title: string;
    readonly fields: readonly Field[];
  }[];
  /** The media type of the body. */
  readonly type?: string;
  /** The example of a JSON body. */
  readonly body?: string;
}

/** Returns a field. A required one contains its example, so that the form can be sent at once. */
function fieldOf({ name, required = false, schema = {}, example }: Parameter): Field {
  const { enum: options, default: standard, examples = [] } = schema;
  const shown = String(example ?? schema.example ?? examples[0] ?? standard ?? options?.[0] ?? '');
  return {
    name,
    isRequired: required,
    isSecret: schema.format === 'password',
    ...(options && { options: options.map(String) }),
    example: shown,
    value: required ? shown : '',
  };
}

/** Returns the members of a body that is a form. */
function membersOf(document: OpenAPIDocument, { requestBody }: Operation): Parameter[] {
  const { schema = {}, example = {} } = requestBody?.content[FORM_TYPE] ?? {};
  const { properties = {}, required = [] } = resolved(document, schema);
  return Object.entries(properties).map(([name, member]) => ({
    name,
    in: 'form',
    required: required.includes(name),
    schema: resolved(document, member),
    example: (example as Record<string, unknown>)[name],
  }));
}

/** Returns the header with which a reader chooses among the formats of a response, if it has several. */
function acceptOf({ responses }: Operation): Parameter[] {
  const formats = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content = {} }]) => Object.keys(content));
  const types = formats.map((format) => format.split(';')[0]);
  return types.length > 1 ? [{ name: 'Accept', in: 'header', schema: { enum: types } }] : [];
}

function formOf(document: OpenAPIDocument, operation: Operation): RequestForm {
  const { method, path, security, requestBody } = operation;
  const parameters = [
    ...operation.parameters.map((parameter) => ({
      ...parameter,
      schema: resolved(document, parameter.schema ?? {}),
    })),
    ...acceptOf(operation),
    ...membersOf(document, operation),
  ];
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  return {
    method,
    path,
    needsCredentials: security.length > 0,
    groups: Object.entries(groups)
      .map(([place, title]) => ({
        in: place,
        title,
        fields: parameters.filter((each) => each.in === place).map(fieldOf),
      }))
      .filter(({ fields }) => fields.length > 0),
    ...(type !== undefined && { type }),
    ...(type !== undefined &&
      type !== FORM_TYPE && { body: JSON.stringify(media?.example, null, 2) }),
  };
}

/** Returns the form of each operation as an asset. The page of the operation fetches it when a reader opens it. */
export function requestForms(document: OpenAPIDocument): Record<string, string> {
  return Object.fromEntries(
    operationsOf(document).map((operation) => [
      `/docs/try/${operation.operationId}.json`,
      JSON.stringify(formOf(document, operation)),
    ]),
  );
}

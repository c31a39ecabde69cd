import documentation from '@stoplight/spectral-documentation';
import { defined, pattern, schema } from '@stoplight/spectral-functions';
import owasp from '@stoplight/spectral-owasp-ruleset';
import { oas } from '@stoplight/spectral-rulesets';
import { exceptions } from './exceptions.mjs';

/** The exceptions of this run. A run with none shows which exceptions are still needed. */
const excused = process.env.WITHOUT_EXCEPTIONS ? [] : exceptions;
const everywhere = excused.filter(({ at }) => at === undefined);
const places = new Set(excused.flatMap(({ at = [] }) => at));

const overrideOf = (place) => ({
  files: [`**${place}`],
  rules: Object.fromEntries(
    excused.filter(({ at = [] }) => at.includes(place)).map(({ rule }) => [rule, 'off']),
  ),
});

export default {
  extends: [
    [oas, 'all'],
    [owasp, 'all'],
    [documentation, 'all'],
  ],
  rules: {
    ...Object.fromEntries(everywhere.map(({ rule }) => [rule, 'off'])),
    // The original rule also checks filters of lists, which find rows of the caller alone, so guessing shows nothing.
    'owasp:api1:2023-no-numeric-ids': {
      message: 'A parameter of a path is not an integer, which could be guessed.',
      severity: 'error',
      given: '$.paths..parameters[?(@ && @.in=="path")].schema',
      then: { field: 'type', function: pattern, functionOptions: { notMatch: '^integer$' } },
    },
    // The original rule fails on a schema with members called `in` and `name`, such as a violation, and
    // it checks the wrong value. This rule checks what the original intends.
    'owasp:api2:2023-no-credentials-in-url': {
      message: 'Security credentials in a parameter of the URL: {{value}}.',
      severity: 'error',
      given: '$.paths..parameters[?(@ && (@.in=="query" || @.in=="path"))]',
      then: {
        field: 'name',
        function: pattern,
        functionOptions: {
          notMatch: '/(client_?secret|token|password|secret|api-?key)/i',
        },
      },
    },
    // The original rule requires a length even if the format implies one.
    'owasp:api4:2023-string-limit': {
      message:
        'A schema of type string has a maxLength, an enum, a const or a format with a length.',
      severity: 'error',
      given:
        '$..[?(@ && (@.type=="string" || (@.type && @.type.constructor.name==="Array" && @.type.includes("string"))))]',
      then: {
        function: schema,
        functionOptions: {
          schema: {
            anyOf: [
              { required: ['maxLength'] },
              { required: ['enum'] },
              { required: ['const'] },
              { required: ['format'], properties: { format: { enum: ['uuid', 'date-time'] } } },
            ],
          },
        },
      },
    },
    'rate-limit-policy': {
      message: 'The responses of an operation with rate limits must declare RateLimit-Policy.',
      severity: 'error',
      given:
        '$.paths[*][?(@ && @.security && @.security.length>0)].responses[?(@property.match(/^[24]/))].headers',
      then: { field: 'RateLimit-Policy', function: defined },
    },
  },
  ...(places.size > 0 && { overrides: [...places].map(overrideOf) }),
};

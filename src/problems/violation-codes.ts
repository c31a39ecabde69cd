/** Every violation code with its meaning. */
export const violationCodes = {
  required: 'The value is missing.',
  invalid_type: 'The value has the wrong JSON type.',
  invalid_format: 'The string does not have the required format, such as a UUID or a date-time.',
  too_short: 'The string has too few characters, counted in Unicode code points.',
  too_long: 'The string has too many characters, counted in Unicode code points.',
  out_of_range: 'The number, date, or list length is outside the allowed range.',
  invalid_character: 'The string contains a character that is not allowed.',
  immutable:
    'The value cannot change after creation. Send the current value, or leave the member out.',
  repeated_item: 'The list contains the same item more than once.',
  unknown_member: 'The body has a member that the operation does not accept.',
  unknown_parameter: 'The query has a parameter that the operation does not accept.',
  repeated_parameter: 'The query contains the same parameter more than once.',
  empty_parameter: 'The query contains a parameter without a value.',
} as const;

export type ViolationCode = keyof typeof violationCodes;

/** The guide to the tag "Tickets", in Markdown. */
export const tickets = `When a customer picks up a prepared ticket in the Customer Portal, it becomes a ticket. It keeps its identifier, its number, its values and its product lines, and it leaves the list of prepared tickets. You can read it, but no longer change it.

**Find what was picked up.** The most recently picked-up ticket comes first. \`picked_up_after\` and \`picked_up_before\` are exclusive bounds, and the other filters find the tickets of a customer, with your reference, or with a number:

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" "$API/v2/tickets/tickets?picked_up_after=2019-08-24T14:15:22Z&limit=10"
\`\`\`

- Pages: choose them with \`limit\` and \`offset\`, as for prepared tickets. Tickets that are picked up while you are paging shift the remaining results. To keep pages stable, set \`picked_up_before\` to a fixed time.
- State: \`state\` is \`pending\` at present. Further states will be added, so your program must accept values that it does not know.

**Read one ticket** by the identifier of the prepared ticket that it was. An identifier of a ticket that was not picked up returns 404.`;

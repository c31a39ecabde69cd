/** The guide to the tag "Partner", in Markdown. */
export const partner = `Find out which partner your credentials belong to. The request needs an access token and an API key of the same partner, and no particular scope. It is therefore also the simplest way to test new credentials:

\`\`\`sh
curl -sS -H "Authorization: Bearer $TOKEN" -H "x-api-key: $API_KEY" $API/v2/system/partner
\`\`\`

A 401 or 403 names the credential that does not work, or says that the two belong to different partners.`;

const { API, CLIENT_ID, CLIENT_SECRET, API_KEY } = process.env;
let token;

async function accessToken() {
  if (!token || Date.now() > token.refreshAt) {
    const response = await fetch(`${API}/oauth2/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    if (!response.ok) throw new Error(await response.text());
    const { access_token, expires_in } = await response.json();
    token = { value: access_token, refreshAt: Date.now() + (expires_in - 60) * 1000 };
  }
  return token.value;
}

const response = await fetch(`${API}/v2/tickets/prepared-tickets?limit=1`, {
  headers: { Authorization: `Bearer ${await accessToken()}`, 'x-api-key': API_KEY },
});
if (!response.ok) throw new Error(await response.text());
console.log((await response.json()).total);

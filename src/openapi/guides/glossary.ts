/** What each word of the documentation means, in Markdown. */
export const glossary = `## Glossary

### Partner

Your organisation: a garage, an insurer or a car maker that sells services on cars. A partner can access only its own tickets and credentials.

### Customer

The person or company for whom you prepare a ticket. Customers use the Customer Portal, not this API. \`customer_id\` identifies a customer; the operator of the Customer Portal tells you the identifiers of yours.

### Customer Portal

The web application in which customers find the tickets that were prepared for them, and pick them up.

### Prepared ticket

A pre-filled ticket that you create for a customer. You can change and delete it until its customer picks it up. It is ready to be picked up once it has a VIN, a vehicle model and a product line.

### Ticket

What a prepared ticket becomes when its customer picks it up. You can read it, but no longer change it. It keeps its \`id\` and its \`ticket_number\`.

### Product line

One service to perform within a ticket: a product and its quantity. A ticket has at most one line for each product.

### VIN

The vehicle identification number: 17 letters and digits that identify a car. A prepared ticket can be created without a VIN, but not picked up. Filters do not distinguish upper and lower case.

### Voucher code

A code of 4 to 8 upper-case letters and digits, with which the customer pays for the ticket or a part of it. It is optional.

### Reference

Your own name of a ticket, \`preparer_external_reference\`: for example the number of an order in your ERP. You can find a ticket by it, and create, replace and delete one by it.

### Client

One of your programs that calls this API. Each client has an identifier, a secret and scopes of its own.

### Access token

What a client sends to authenticate a request: it proves which client sends the request and what it may do. A client gets a token with its secret. A token is valid for one hour.

### Scope

A permission of a client and of its tokens, for example \`prepared-tickets:write\`.

### API key

The second credential of each request, in the header \`x-api-key\`. It identifies the partner.

### Endpoint

A webhook endpoint is an https address of yours to which this API sends your events.

### Event

A record of something that happened to one of your resources: what, when, and which client did it. It contains no personal data.

### Problem

An error response as RFC 9457 defines it, with a \`type\` that your program can decide by.

### Cursor

A text that names a position in the event feed or in an export. Store it, send it back to continue, and do not parse it.`;

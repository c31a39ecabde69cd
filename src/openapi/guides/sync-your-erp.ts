import { syncProgram } from './sync-your-erp.python.ts';

/** How an ERP keeps its orders and their tickets equal, from the export of orders to the scheduled run. */
export const syncYourErp = `## Sync your ERP

In this guide you run a program that reads your open orders from a CSV file and keeps your tickets equal to them: it creates, updates and deletes tickets, and repeats what failed. You can run it as often as you like.

1. Export your open orders. The program expects these columns; \`products\` lists the product identifiers of a ticket, separated by spaces. The second order has no VIN yet, so its customer does not see the ticket. The third has a wrong VIN.

\`\`\`sh
cat > orders.csv <<'END'
reference,customer_id,vehicle_model_id,vin,voucher_code,products
ORDER/3001,160c0c4b-9966-4dc1-a916-8407eb10d74e,4711,JH4KA7630PC007649,WQ4MM3,c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3
ORDER/3002,160c0c4b-9966-4dc1-a916-8407eb10d74e,4711,,,c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3
ORDER/3003,160c0c4b-9966-4dc1-a916-8407eb10d74e,4711,TOO-SHORT,,
END
\`\`\`

2. Save this program as \`sync_orders.py\`. It needs Python 3.9 or later and no package.

\`\`\`python
${syncProgram}
\`\`\`

3. Run it. It prints what it rejected and why, and what it did.

\`\`\`sh
python3 sync_orders.py orders.csv
\`\`\`

\`\`\`text
ORDER/3003 #/vin Send the 17 letters and digits of the VIN, or null.
2 created, 0 updated, 0 unchanged, 0 picked up, 0 deleted, 1 rejected
\`\`\`

4. Change the orders, and run it again. Here the second order gets a VIN, and the others are cancelled.

\`\`\`sh
cat > orders.csv <<'END'
reference,customer_id,vehicle_model_id,vin,voucher_code,products
ORDER/3002,160c0c4b-9966-4dc1-a916-8407eb10d74e,4711,JH4KA7630PC007649,,c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3
END
python3 sync_orders.py orders.csv
\`\`\`

\`\`\`text
0 created, 1 updated, 0 unchanged, 0 picked up, 1 deleted, 0 rejected
\`\`\`

5. Schedule it, for example every ten minutes with cron. Let only one run at a time work on the same file.

**Which way to write fits your program?**

| way | use it if | what makes a retry safe |
| --- | --- | --- |
| PUT by your reference | each order has a number of its own, as here | the same PUT leaves the same ticket |
| POST with an \`Idempotency-Key\` | several tickets can have the same reference | the same key creates no second ticket for 24 hours |
| a batch of up to 500 tickets | you send thousands of tickets at once, for example at the start | the same key creates no second batch for 30 days |

The guides "Sync by your own reference", "Retry, idempotency and conditional updates" and "Move your tickets here" explain these three.

**What can go wrong.**

- **A run stops in the middle.** Run it again. The program sends the orders whose tickets it does not know to be equal, and a repetition does no harm.
- **The state file is lost.** The program sends all orders again, which does no harm, but it no longer knows the tickets of orders that are gone. The guide "Keep a copy" shows how to export all your tickets with their lines; delete those whose reference no order has.
- **Your orders have other columns,** for example a row for each service. Change \`read_orders\` to group such rows, and \`ticket\` to use your quantities. Leave cancelled orders out.
- **The customer picks a ticket up.** A PUT of its order then returns 410, and the program counts it as picked up. To learn of each pick-up when it happens, see the guide "Follow changes".
- **Someone changes a ticket elsewhere.** The program overwrites the change when the order changes next. To notice such a change instead, send \`If-Match\` with the \`ETag\` that you stored.
- **You send more than the rate limit allows.** The program waits the number of seconds in \`Retry-After\`. Use batches for the first run if you have thousands of orders.`;

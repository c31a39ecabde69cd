export { customerPage } from './customer.tsx';
export { customersPage } from './customers.tsx';
export { eventsPage } from './events.tsx';

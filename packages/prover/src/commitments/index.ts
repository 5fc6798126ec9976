export { RENEWAL_UNITS, tailRowsFor, unitsFor, type UseBudget, useBudget } from './budget.ts';

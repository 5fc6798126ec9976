export { type Cheat, cheatingWork, type CheatName, CHEATS, type Forged } from './cheats.ts';

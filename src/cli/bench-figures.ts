import { shown } from './output.js';

/** How the tables of `csflow bench` tell their figures. */
export const milliseconds = (seconds: number): string => `${shown(seconds * 1e3, 3)} ms`;
export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
export const turns = (count: number): string => `${count} ${count === 1 ? 'turn' : 'turns'}`;

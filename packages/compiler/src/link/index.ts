export { checkInputPorts } from './check-ports.ts';
export { sourcePort, type SourcePort } from './source-port.ts';

export { MOST_POSITIONS, parseRoute, type Route } from './routes.ts';
export {
  type Content,
  type Health,
  type HttpOptions,
  type HttpServer,
  type ServedTrees,
  startHttpServer,
} from './server.ts';

export * from './backbone.js';
export { efficientNetLite0 } from './efficientnet-lite.js';

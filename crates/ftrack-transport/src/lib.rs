//! How requests reach an ftrack server: connection options, credentials, the I/O engine, HTTP, TLS, proxies, retries.

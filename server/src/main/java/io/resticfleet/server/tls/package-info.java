/** HTTPS: certificates, keys, pins. */
package io.resticfleet.server.tls;

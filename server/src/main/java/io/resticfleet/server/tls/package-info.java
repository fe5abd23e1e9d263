/** HTTPS: certificates, keys and pins. */
package io.resticfleet.server.tls;

/** The machines this server knows, and how each opens its repository. */
package io.resticfleet.server.host;
